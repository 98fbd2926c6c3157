import { adapt } from './adapt.mjs';
import { enabledBy, listens, startApache } from './apache.mjs';
import { CHAT_HOST, GATEWAY_HOST, SHARED_HOST, paths, prepare, site } from './site.mjs';
import { restartUnit, startUnits } from './systemd.mjs';

const FILE = { '': 'apache-proxy-fcgi.conf', '/chat': 'apache-proxy-fcgi-path.conf' };

export default {
  name: 'apache-proxy-fcgi',
  title: 'Apache, mod_proxy_fcgi',
  what: { reloads: true, graceful: true, supervised: 'systemd', bodyOver: 413, chunked: 200, stops: 'write', gateway: true, staticBy: 'web server' },
  async start(options) {
    const ground = await prepare(this.name, options);
    const file = FILE[ground.mount];
    const text = adapt(file, {
      ...listens(ground, ...(ground.mount ? [SHARED_HOST] : [CHAT_HOST, GATEWAY_HOST])),
      ...paths(ground, 'certificates', 'sockets', 'page', 'rest'),
    });
    await startUnits(ground);
    const made = await site(ground, { ...startApache(ground, text, enabledBy(file)), restartApp: () => restartUnit(made) });
    return made;
  },
};
