import { through } from './lib/through.mjs';

through('nginx-systemd');
