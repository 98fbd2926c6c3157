import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { eventually } from '../program.mjs';
import { adapt, shipped } from './adapt.mjs';
import { startApache } from './apache.mjs';
import { SHARED_HOST, give, isHealthy, prepare, signalAll, site } from './site.mjs';

/* What the hoster has set up, and what he lets his customers do. */
const MODULES = ['ssl', 'http2', 'rewrite', 'headers', 'fcgid', 'cgid', 'expires'];
const OVERRIDES = 'AllowOverride AuthConfig FileInfo Indexes Limit Options=ExecCGI,Indexes,MultiViews,SymLinksIfOwnerMatch';

function hosterSite({ file, ports }) {
  const host = (port, more) => `
<VirtualHost *:${port}>
  ServerName ${SHARED_HOST}
  DocumentRoot ${file('html')}
  ${more}
</VirtualHost>`;
  return `
<Directory ${file('html')}>
  Options Indexes SymLinksIfOwnerMatch
  ${OVERRIDES}
  Require all granted
</Directory>
${host(ports.http, '')}
${host(ports.https, `SSLEngine on\n  SSLCertificateFile ${file('etc', 'site.pem')}\n  SSLCertificateKeyFile ${file('etc', 'site.key')}`)}`;
}

/* The files that the customer puts into the folder. */
function fillFolder({ file, mount, ports }) {
  const folder = file('html', mount);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/.htaccess`, adapt('shared-hosting.htaccess', { '%{SERVER_NAME}': `%{SERVER_NAME}:${ports.https}` }));
  const [interpreter] = shipped('shared-hosting.fcgi').split('\n');
  const script = adapt('shared-hosting.fcgi', {
    '/home/ada/behest-fcgi/behest-fcgi': file('sbin', 'behest-fcgi'),
    '/home/ada/behest-fcgi/chat.env': file('etc', 'chat.env'),
  });
  writeFileSync(`${folder}/chat.fcgi`, `${interpreter}\n${script}`);
  chmodSync(`${folder}/chat.fcgi`, 0o755);
  for (const name of [folder, `${folder}/chat.fcgi`]) give(name);
}

export default {
  name: 'shared-hosting',
  title: 'Apache, .htaccess only',
  what: { reloads: false, graceful: true, supervised: 'web server', bodyOver: 500, chunked: 200, stops: 'write', gateway: false, staticBy: 'behest-fcgi' },
  async start(options) {
    const ground = await prepare(this.name, { ...options, threads: undefined, host: SHARED_HOST, hasGateway: false });
    fillFolder(ground);
    const { web, reload } = startApache(ground, hosterSite(ground), MODULES);
    const made = await site(ground, {
      web,
      reload,
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
