import { adapt } from './adapt.mjs';
import { startLighttpd, usual } from './lighttpd.mjs';
import { paths, prepare, site } from './site.mjs';
import { restartUnit, startUnits } from './systemd.mjs';

const FILE = { '': 'lighttpd-external.conf', '/chat': 'lighttpd-external-path.conf' };

export default {
  name: 'lighttpd-external',
  title: 'lighttpd, systemd socket',
  what: { reloads: true, graceful: true, supervised: 'systemd', bodyOver: 413, chunked: 200, stops: 'write', gateway: true,
    staticBy: 'behest-fcgi' },
  async start(options) {
    const ground = await prepare(this.name, options);
    const text = adapt(FILE[ground.mount], { ...usual(ground), ...paths(ground, 'sockets') });
    await startUnits(ground);
    const made = await site(ground, { ...startLighttpd(ground, text), restartApp: () => restartUnit(made) });
    return made;
  },
};
