import { through } from './lib/through.mjs';

through('h2o');
