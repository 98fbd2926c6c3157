// lighttpd in front of a responder, so that real HTTP clients can talk to it.
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { freePort } from './ports.mjs';
import { Program, eventually, temporaryFolder } from './program.mjs';

/** Starts lighttpd before the responder at `address`; answers {url, port, stop}. */
export async function startLighttpd(address, { port } = {}) {
  port ??= await freePort();
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'root'));
  const file = path.join(folder, 'lighttpd.conf');
  writeFileSync(file, `
server.modules = ("mod_fastcgi")
server.document-root = "${folder}/root"
server.bind = "127.0.0.1"
server.port = ${port}
server.stream-response-body = 1
server.upload-dirs = ("${folder}")
fastcgi.server = ("/" => ((
  "socket" => "${address.path}",
  "check-local" => "disable",
  "fix-root-scriptname" => "enable"
)))
`);
  const program = new Program('lighttpd', ['-D', '-f', file], { cwd: folder,
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
  await eventually(async () => {
    if (program.ended) throw new Error(`lighttpd: ${program.stderr}`);
    return new Promise((resolve) => {
      http.get({ host: '127.0.0.1', port, path: '/healthz' }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      }).on('error', () => resolve(false));
    });
  }, 'lighttpd does not answer');
  return { url: `http://127.0.0.1:${port}`, port, program, stop: () => program.kill() };
}
