import { through } from './lib/through.mjs';

through('nginx-spawn-fcgi');
