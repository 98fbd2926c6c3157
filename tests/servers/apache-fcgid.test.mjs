import { through } from './lib/through.mjs';

through('apache-fcgid');
