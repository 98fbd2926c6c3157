import { through } from './lib/through.mjs';

through('apache-proxy-fcgi');
