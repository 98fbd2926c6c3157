import { eventually } from '../program.mjs';
import { adapt } from './adapt.mjs';
import { startLighttpd, usual } from './lighttpd.mjs';
import { isHealthy, paths, prepare, site } from './site.mjs';

const FILE = { '': 'lighttpd.conf', '/chat': 'lighttpd-path.conf' };

export default {
  name: 'lighttpd-bin-path',
  title: 'lighttpd, started by it',
  what: { reloads: true, graceful: true, supervised: 'web server', bodyOver: 413, chunked: 200, stops: 'write', gateway: true,
    staticBy: 'behest-fcgi' },
  async start(options) {
    const ground = await prepare(this.name, options);
    const { web, reload } = startLighttpd(ground, adapt(FILE[ground.mount], {
      ...usual(ground),
      ...paths(ground, 'settings', 'programs'),
      '/run/lighttpd': ground.file('run'),
    }));
    const made = await site(ground, {
      web,
      reload,
      async restartApp() {
        await reload();
        await eventually(() => isHealthy(made, made.chat), 'the restarted application does not answer');
      },
    });
    return made;
  },
};
