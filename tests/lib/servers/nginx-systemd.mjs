import { startNginx } from './nginx.mjs';
import { prepare, site } from './site.mjs';
import { restartUnit, startUnits } from './systemd.mjs';

const FILE = { '': 'nginx-systemd.conf', '/chat': 'nginx-systemd-path.conf' };

export default {
  name: 'nginx-systemd',
  title: 'nginx, systemd socket, kept connections',
  what: { reloads: true, graceful: true, supervised: 'systemd', bodyOver: 413, chunked: 200, stops: 'at once', gateway: true, staticBy: 'web server' },
  async start(options) {
    const ground = await prepare(this.name, options);
    await startUnits(ground);
    const made = await site(ground, { ...startNginx(ground, FILE[ground.mount]), restartApp: () => restartUnit(made) });
    return made;
  },
};
