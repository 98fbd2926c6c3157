// lighttpd with a shipped site, in a main configuration like Debian's.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '../program.mjs';
import { give, launch, paths, webUser } from './site.mjs';

/** The substitutions that every site of lighttpd needs. */
export function usual(ground) {
  const { https } = ground.ports;
  return {
    '":443"': `"127.0.0.1:${https}"`,
    '"[::]:443"': `"127.0.0.2:${https}"`,
    'https://%0': `https://%0:${https}`,
    ...paths(ground, 'certificates', 'rest'),
  };
}

/** Starts lighttpd with the text of a site: { web, reload() }. */
export function startLighttpd(ground, site) {
  const { file, ports } = ground;
  const user = webUser();
  mkdirSync(file('web', 'uploads'));
  give(file('web', 'uploads'));
  writeFileSync(file('web', 'site.conf'), site);
  writeFileSync(file('web', 'lighttpd.conf'), `
server.modules = ( "mod_indexfile", "mod_access", "mod_alias", "mod_redirect" )
server.document-root = "${file('html')}"
server.upload-dirs = ( "${file('web', 'uploads')}" )
server.errorlog = "${file('log', 'lighttpd-error.log')}"
server.pid-file = "${file('web', 'lighttpd.pid')}"
${user ? `server.username = "${user.user}"\nserver.groupname = "${user.group}"` : ''}
server.bind = "127.0.0.1"
server.port = ${ports.http}
server.feature-flags += ( "server.h2proto" => "enable" )
server.feature-flags += ( "server.h2c" => "enable" )
server.feature-flags += ( "server.graceful-shutdown-timeout" => 5 )
server.http-parseopts = (
  "header-strict"            => "enable",
  "host-strict"              => "enable",
  "host-normalize"           => "enable",
  "url-normalize-unreserved" => "enable",
  "url-normalize-required"   => "enable",
  "url-ctrls-reject"         => "enable",
  "url-path-2f-decode"       => "enable",
  "url-path-dotseg-remove"   => "enable",
)
index-file.names = ( "index.php", "index.html" )
url.access-deny = ( "~", ".inc" )
static-file.exclude-extensions = ( ".php", ".pl", ".fcgi" )
include_shell "/usr/share/lighttpd/create-mime.conf.pl"
include "${file('web', 'site.conf')}"
server.modules += ( "mod_dirlisting", "mod_staticfile" )
`);
  const web = launch(ground, 'lighttpd', ['lighttpd', '-D', '-f', file('web', 'lighttpd.conf')]);
  return { web, reload: () => reloadLighttpd(ground, web) };
}

/* systemctl reload: running requests end, waiting connections stay, and lighttpd starts anew within its process. */
async function reloadLighttpd({ file }, web) {
  const starts = () => readFileSync(file('log', 'lighttpd-error.log'), 'utf8').split('server started').length;
  const before = starts();
  web.signal('SIGUSR1');
  await eventually(() => starts() > before, 'lighttpd did not restart');
}
