import { writeFileSync } from 'node:fs';
import { within } from '../fastcgi.mjs';
import { adapt } from './adapt.mjs';
import { CHAT_HOST, GATEWAY_HOST, SHARED_HOST, launch, paths, prepare, site, webUser } from './site.mjs';
import { restartUnit, startUnits } from './systemd.mjs';

const FILE = { '': 'caddy.conf', '/chat': 'caddy-path.conf' };

/* Debian's Caddy has a user of its own. */
function asWebUser(words) {
  const user = webUser();
  return user ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...words] : words;
}

function startCaddy(ground, text) {
  const { file, ports } = ground;
  const config = file('web', 'Caddyfile');
  const admin = `unix/${file('web', 'admin.sock')}`;
  writeFileSync(config, `{
  admin ${admin}
  http_port ${ports.http}
  default_bind 127.0.0.1
  skip_install_trust
}
${text}`);
  const env = { HOME: file('web'), XDG_DATA_HOME: file('web'), XDG_CONFIG_HOME: file('web') };
  const web = launch(ground, 'caddy', asWebUser(['caddy', 'run', '--config', config, '--adapter', 'caddyfile']), { env });
  return {
    web,
    async reload() {
      const reload = launch(ground, 'caddy-reload', asWebUser(['caddy', 'reload', '--force', '--config', config, '--adapter', 'caddyfile', '--address', admin]), { env });
      const { code } = await within(reload.exited, 'caddy reload did not end', 20_000);
      if (code !== 0) throw new Error(`caddy reload: ${reload.stderr}`);
    },
  };
}

export default {
  name: 'caddy',
  title: 'Caddy, systemd socket',
  /* A reload of Caddy 2.6 opens a socket beside the old one, and resets connections that wait in that one. */
  what: { reloads: false, graceful: true, supervised: 'systemd', bodyOver: 413, chunked: 400, stops: 'write', gateway: true,
    staticBy: 'web server' },
  async start(options) {
    const ground = await prepare(this.name, options);
    const hosts = ground.mount ? [SHARED_HOST] : [CHAT_HOST, GATEWAY_HOST];
    const text = adapt(FILE[ground.mount], {
      ...Object.fromEntries(hosts.map((host) => [`${host} {`, `${host}:${ground.ports.https} {`])),
      ...paths(ground, 'certificates', 'sockets', 'page', 'rest'),
    });
    await startUnits(ground);
    const made = await site(ground, { ...startCaddy(ground, text), restartApp: () => restartUnit(made) });
    return made;
  },
};
