// nginx with a shipped site, in a main configuration like Debian's.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '../program.mjs';
import { adapt } from './adapt.mjs';
import { launch, paths, webUser } from './site.mjs';

/** Starts nginx before the ground's sockets: { web, reload() }. */
export function startNginx(ground, file) {
  const { https, http } = ground.ports;
  const site = adapt(file, {
    'listen 443 ': `listen 127.0.0.1:${https} `,
    'listen [::]:443 ': `listen 127.0.0.2:${https} `,
    'listen 80;': `listen 127.0.0.1:${http};`,
    'listen [::]:80;': `listen 127.0.0.2:${http};`,
    'https://$host$request_uri': `https://$host:${https}$request_uri`,
    ...paths(ground, 'certificates', 'sockets', 'page', 'rest'),
  });
  const web = ground.file('web');
  writeFileSync(`${web}/site.conf`, site);
  cpSync('/etc/nginx/fastcgi_params', `${web}/fastcgi_params`);
  const user = webUser();
  writeFileSync(`${web}/nginx.conf`, `
${user ? `user ${user.user};` : ''}
worker_processes 2;
pid ${web}/nginx.pid;
error_log ${ground.file('log')}/nginx-error.log;
events { worker_connections 512; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  sendfile on;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${web}/${kind};`).join('\n  ')}
  ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
  gzip on;
  access_log ${ground.file('log')}/nginx-access.log;
  include ${web}/site.conf;
}
`);
  const program = launch(ground, 'nginx', ['nginx', '-c', `${web}/nginx.conf`, '-p', web, '-e', ground.file('log', 'nginx-error.log'), '-g', 'daemon off;']);
  return { web: program, reload: () => reloadNginx(program) };
}

/* New workers take over; the old ones end when their connections have. */
async function reloadNginx(program) {
  const before = new Set(childrenOf(program.pid));
  program.signal('SIGHUP');
  await eventually(() => childrenOf(program.pid).some((child) => !before.has(child)), 'nginx has no new workers');
}

function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}
