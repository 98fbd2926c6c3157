import { readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '../program.mjs';
import { adapt } from './adapt.mjs';
import { CHAT_HOST, GATEWAY_HOST, SHARED_HOST, launch, paths, prepare, site, webUser } from './site.mjs';
import { restartUnit, startUnits } from './systemd.mjs';

const FILE = { '': 'h2o.conf', '/chat': 'h2o-path.conf' };

export default {
  name: 'h2o',
  title: 'h2o, systemd socket',
  what: { reloads: true, graceful: true, supervised: 'systemd', bodyOver: 413, chunked: 200, stops: 'write', gateway: true,
    staticBy: 'behest-fcgi' },
  async start(options) {
    const ground = await prepare(this.name, options);
    const { https, http } = ground.ports;
    const hosts = ground.mount ? [SHARED_HOST] : [CHAT_HOST, GATEWAY_HOST];
    const user = webUser();
    const text = adapt(FILE[ground.mount], {
      ...Object.fromEntries(hosts.flatMap((host) => [[`"${host}:80"`, `"${host}:${http}"`], [`"${host}:443"`, `"${host}:${https}"`],
        [`"https://${host}/"`, `"https://${host}:${https}/"`]])),
      'user: debian-h2o': user ? `user: ${user.user}` : '',
      'port: 80 }': `host: 127.0.0.1, port: ${http} }`,
      'port: 443\n': `host: 127.0.0.1\n      port: ${https}\n`,
      ...paths(ground, 'certificates', 'sockets', 'rest'),
    });
    await startUnits(ground);
    writeFileSync(ground.file('web', 'h2o.conf'), `error-log: ${ground.file('log', 'h2o-error.log')}\n${text}`);
    const web = launch(ground, 'h2o', ['h2o', '-m', 'master', '-c', ground.file('web', 'h2o.conf')]);
    const made = await site(ground, { web, reload: () => reloadH2o(ground, web), restartApp: () => restartUnit(made) });
    return made;
  },
};

/* A new worker takes over, the old one ends when its requests have. */
async function reloadH2o({ file }, web) {
  const starts = () => (web.stderr + readFileSync(file('log', 'h2o-error.log'), 'utf8')).split('is ready to serve requests').length;
  const before = starts();
  web.signal('SIGHUP');
  await eventually(() => starts() > before, 'h2o has no new worker');
}
