// Apache with a shipped site, in a main configuration like Debian's.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '../program.mjs';
import { commands } from './adapt.mjs';
import { launch, webUser } from './site.mjs';

const MODULES = '/usr/lib/apache2/modules';
/** What Debian enables when it installs apache2. */
const DEBIANS = ['access_compat', 'alias', 'auth_basic', 'authn_core', 'authn_file', 'authz_core', 'authz_host', 'authz_user', 'autoindex',
  'deflate', 'dir', 'env', 'filter', 'mime', 'mpm_event', 'negotiation', 'reqtimeout', 'setenvif', 'status'];
/** Debian's conf.d of modules that matter here; fcgid's is in its package, the others are in apache2, which tests do not need. */
const CONFIGURATION = {
  fcgid: 'FcgidConnectTimeout 20\nAddHandler fcgid-script .fcgi',
  mime: 'TypesConfig /etc/mime.types\nAddType application/x-gzip .gz .tgz',
  reqtimeout: 'RequestReadTimeout header=20-40,minrate=500\nRequestReadTimeout body=20,minrate=500',
  dir: 'DirectoryIndex index.html index.cgi index.pl index.php index.xhtml index.htm',
  deflate: 'AddOutputFilterByType DEFLATE text/html text/plain text/xml text/css text/javascript application/javascript application/json',
};
const NEEDS = { http2: [], ssl: ['socache_shmcb'], proxy_fcgi: ['proxy'] };

/** The modules that the comments of a shipped file tell to enable. */
export function enabledBy(file) {
  return commands(file, 'a2enmod', {}).flatMap(([, ...names]) => names);
}

/** Where Apache is to listen, as substitutions in a site. */
export function listens({ ports: { https, http } }, ...names) {
  return {
    '<VirtualHost *:80>': `<VirtualHost *:${http}>`,
    '<VirtualHost *:443>': `<VirtualHost *:${https}>`,
    ...Object.fromEntries(names.map((name) => [`Redirect permanent / https://${name}/`, `Redirect permanent / https://${name}:${https}/`])),
  };
}

/** Starts Apache with the text of a site: { web, reload() }. */
export function startApache(ground, site, modules) {
  const { file, ports } = ground;
  const user = webUser();
  writeFileSync(file('web', 'site.conf'), site);
  const all = [...new Set([...DEBIANS, ...modules.flatMap((name) => [...(NEEDS[name] ?? []), name])])];
  writeFileSync(file('web', 'apache2.conf'), `
ServerRoot ${file('web')}
DefaultRuntimeDir ${file('web')}
PidFile ${file('web', 'apache2.pid')}
ServerName localhost
${user ? `User ${user.user}\nGroup ${user.group}` : ''}
Listen 127.0.0.1:${ports.http}
Listen 127.0.0.1:${ports.https}
Timeout 300
KeepAlive On
KeepAliveTimeout 5
TraceEnable Off
ErrorLog ${file('log', 'apache-error.log')}
LogLevel warn
LogFormat "%h %l %u %t \\"%r\\" %>s %O" common
CustomLog ${file('log', 'apache-access.log')} common
${all.filter((name) => existsSync(`${MODULES}/mod_${name}.so`)).map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
${all.map((name) => CONFIGURATION[name] ?? '').join('\n')}
${all.includes('ssl') ? `SSLSessionCache shmcb:${file('web', 'ssl_scache')}(512000)` : ''}
${all.includes('fcgid') ? `FcgidIPCDir ${file('web')}/fcgid\nFcgidProcessTableFile ${file('web')}/fcgid_shm` : ''}
<Directory />
  Options FollowSymLinks
  AllowOverride None
  Require all denied
</Directory>
<Directory ${file('www')}>
  AllowOverride None
  Require all granted
</Directory>
<Directory ${file('html')}>
  Options Indexes FollowSymLinks
  AllowOverride None
  Require all granted
</Directory>
AccessFileName .htaccess
<FilesMatch "^\\.ht">
  Require all denied
</FilesMatch>
Include ${file('web', 'site.conf')}
`);
  const web = launch(ground, 'apache', ['apache2', '-d', file('web'), '-f', file('web', 'apache2.conf'), '-DFOREGROUND']);
  return { web, reload: () => reloadApache(ground, web) };
}

/** apachectl graceful: children of the old generation end when their requests have. */
async function reloadApache({ file }, web) {
  const resumed = () => readFileSync(file('log', 'apache-error.log'), 'utf8').split('resuming normal operations').length;
  const before = resumed();
  web.signal('SIGUSR1');
  await eventually(() => resumed() > before, 'Apache did not restart');
}
