import { through } from './lib/through.mjs';

through('lighttpd-bin-path');
