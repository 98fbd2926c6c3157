// lighttpd in front of a responder, so that real HTTP clients can talk to it.
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { Program, eventually, temporaryFolder } from './program.mjs';

/** A port below those that the system gives to whoever asks for any: none of these can take it before its server is there. */
export async function freePort() {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    const server = net.createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

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
