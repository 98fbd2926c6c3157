import { eventually } from '../program.mjs';
import { adapt } from './adapt.mjs';
import { enabledBy, listens, startApache } from './apache.mjs';
import { CHAT_HOST, GATEWAY_HOST, SHARED_HOST, isHealthy, paths, prepare, signalAll, site } from './site.mjs';

const FILE = { '': 'apache-fcgid.conf', '/chat': 'apache-fcgid-path.conf' };

export default {
  name: 'apache-fcgid',
  title: 'Apache, mod_fcgid',
  what: { reloads: false, graceful: true, supervised: 'web server', bodyOver: 500, chunked: 200, stops: 'write', gateway: true, staticBy: 'web server' },
  async start(options) {
    const ground = await prepare(this.name, { ...options, threads: undefined });
    const file = FILE[ground.mount];
    const text = adapt(file, {
      ...listens(ground, ...(ground.mount ? [SHARED_HOST] : [CHAT_HOST, GATEWAY_HOST])),
      ...paths(ground, 'certificates', 'settings', 'programs', 'page', 'rest'),
    });
    const { web, reload } = startApache(ground, text, enabledBy(file));
    const made = await site(ground, {
      web,
      reload,
      /* Not by reloading Apache: now and then a request that waits for a new process then hangs. */
      async restartApp() {
        const before = new Set(made.appPids());
        signalAll(before, 'SIGTERM');
        await eventually(() => made.appPids().every((pid) => !before.has(pid)), 'the old processes are still there', 40_000);
        await eventually(() => isHealthy(made, made.chat), 'the restarted application does not answer');
      },
    });
    return made;
  },
};
