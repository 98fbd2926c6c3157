import { through } from './lib/through.mjs';

through('caddy');
