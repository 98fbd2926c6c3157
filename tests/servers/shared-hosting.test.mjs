import { through } from './lib/through.mjs';

through('shared-hosting');
