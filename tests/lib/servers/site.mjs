// What every way of serving has in common: a folder with the installed programs, settings, certificates and logs, and the site that
// tests see (its members: index.mjs).
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchRaw } from '../https-client.mjs';
import { jwks } from '../gateway.mjs';
import { localSigning, makeRsaKey } from '../keys.mjs';
import { freePort } from '../ports.mjs';
import { BUILD, Program, eventually, temporaryFolder } from '../program.mjs';

export const CHAT_HOST = 'chat.example.com';
export const GATEWAY_HOST = 'gateway.example.com';
export const SHARED_HOST = 'www.example.com';

/** What stands at the root of a host whose /chat is the chat. */
export const REST_OF_THE_SITE = '<!doctype html><title>The rest of the site</title>\n';

/** As root, servers and programs run as this user, which Debian always has. */
export const WEB_USER = 'www-data';
const isRoot = process.getuid() === 0;
const [webUid, webGid] = isRoot ? idsOf(WEB_USER) : [];

const signingKey = makeRsaKey();
const SIGNING_KID = 'site-key';
const makeApiKey = () => `behest_sk_live_${crypto.randomBytes(24).toString('hex')}`;

function idsOf(user) {
  const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':')).find(([name]) => name === user);
  return [Number(uid), Number(gid)];
}

/** Who is to be named as user in a configuration: {user, group}, or null when everything runs as whoever runs the tests. */
export function webUser() {
  return isRoot ? { user: WEB_USER, group: WEB_USER, uid: webUid, gid: webGid } : null;
}

function openssl(...args) {
  const result = spawnSync('openssl', args, { encoding: 'utf8' });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`openssl: ${result.stderr}`);
}

let certificates;
/** An authority of our own and one certificate for all names, made once: { ca, certificate, key } as PEM text, spki. */
function makeCertificates() {
  if (certificates) return certificates;
  const folder = temporaryFolder();
  const file = (name) => path.join(folder, name);
  const names = [CHAT_HOST, GATEWAY_HOST, SHARED_HOST, 'localhost'].map((name) => `DNS:${name}`).join(',');
  writeFileSync(file('leaf.ext'), `subjectAltName=${names},IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=behest-fcgi tests',
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign');
  openssl('req', ...key, '-keyout', file('leaf.key'), '-out', file('leaf.csr'), '-subj', `/CN=${CHAT_HOST}`);
  openssl('x509', '-req', '-in', file('leaf.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial',
    '-out', file('leaf.pem'), '-days', '2', '-extfile', file('leaf.ext'));
  const text = (name) => readFileSync(file(name), 'utf8');
  const spki = new crypto.X509Certificate(text('leaf.pem')).publicKey.export({ type: 'spki', format: 'der' });
  certificates = { ca: text('ca.pem'), certificate: text('leaf.pem'), key: text('leaf.key'),
    spki: crypto.createHash('sha256').update(spki).digest('base64') };
  return certificates;
}

/**
 * The ground that a starter builds on, for `mount` '' (own host names) or '/chat' (one host name, the gateway at /gateway).
 * Paths in it mirror those of an installation, see paths(). `host` is another name for the chat, `hasGateway` whether this way of serving
 * has one.
 */
export async function prepare(name, { mount = '', env = {}, gatewayEnv = {}, threads, host = mount ? SHARED_HOST : CHAT_HOST,
  hasGateway = true } = {}) {
  const ground = { name, mount, threads, host, hasGateway, folder: temporaryFolder(), programs: [], ports: {} };
  ground.file = (...parts) => path.join(ground.folder, ...parts);
  chmodSync(ground.folder, 0o755);
  for (const folder of ['etc', 'sbin', 'run', 'state', 'log', 'web']) mkdirSync(ground.file(folder));
  for (const port of ['https', 'http']) ground.ports[port] = await freePort();
  install(ground);
  writeCertificates(ground);
  writeSettings(ground, env, gatewayEnv);
  for (const folder of ['run', 'state', 'log', 'web']) give(ground.file(folder));
  leaveNothing(ground.folder);
  return ground;
}

/** Hands a file or folder to the web user. */
export function give(file) {
  if (isRoot) chownSync(file, webUid, webGid);
}

/* Copies, so that the processes of this site can be told from all others, and so that the web user can reach them. */
function install({ file }) {
  for (const program of ['behest-fcgi', 'behest-gateway']) {
    if (!existsSync(path.join(BUILD, program))) throw new Error(`${program} is not built`);
    cpSync(path.join(BUILD, program), file('sbin', program));
    chmodSync(file('sbin', program), 0o755);
  }
  cpSync(path.join(BUILD, 'www'), file('www'), { recursive: true });
  mkdirSync(file('html'));
  writeFileSync(file('html', 'index.html'), REST_OF_THE_SITE);
}

function writeCertificates({ file }) {
  const { certificate, key } = makeCertificates();
  writeFileSync(file('etc', 'site.pem'), certificate);
  writeFileSync(file('etc', 'site.key'), key, { mode: 0o640 });
  give(file('etc', 'site.key'));
}

function writeSettings(ground, env, gatewayEnv) {
  const { file, mount, ports } = ground;
  const withPort = (host) => `https://${host}:${ports.https}`;
  ground.origin = withPort(ground.host);
  ground.gateway = !ground.hasGateway ? null : mount ? `${ground.origin}/gateway` : withPort(GATEWAY_HOST);
  ground.database = file('state', 'chat.db');
  ground.apiKey = makeApiKey();
  writeFileSync(file('etc', 'trusted.json'), jwks([SIGNING_KID, signingKey]));
  writeEnv(file('etc', 'chat.env'), {
    CHAT_DATABASE: ground.database,
    CHAT_WWW: file('www'),
    CHAT_SITE_URL: ground.origin + mount,
    BEHEST_BASE_URL: ground.gateway ?? withPort(GATEWAY_HOST),
    ...localSigning(signingKey, { BEHEST_KID: SIGNING_KID }),
    ...env,
  });
  writeEnv(file('etc', 'gateway.env'), {
    GATEWAY_DATABASE: file('state', 'gateway.db'),
    GATEWAY_API_KEY: ground.apiKey,
    GATEWAY_ALLOWED_ORIGINS: ground.origin,
    GATEWAY_JWKS: file('etc', 'trusted.json'),
    ...(mount && { GATEWAY_SITE_URL: ground.gateway }),
    ...gatewayEnv,
  });
}

/** Settings as a file for --env-file, which only its owner may read; undefined leaves one out. */
export function writeEnv(file, settings) {
  const lines = Object.entries(settings).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  give(file);
}

/** The paths of an installation that shipped files name, with their places in the ground's folder: only those that are asked for. */
export function paths({ file, mount, threads }, ...wanted) {
  const certificate = (host) => ({ [`/etc/ssl/certs/${host}.pem`]: file('etc', 'site.pem'), [`/etc/ssl/private/${host}.key`]: file('etc', 'site.key') });
  const places = {
    certificates: Object.assign({}, ...(mount ? [SHARED_HOST] : [CHAT_HOST, GATEWAY_HOST]).map(certificate)),
    sockets: { '/run/behest-fcgi/chat.sock': file('run', 'chat.sock'), '/run/behest-fcgi/gateway.sock': file('run', 'gateway.sock') },
    settings: { '/etc/behest-fcgi/chat.env': file('etc', 'chat.env'), '/etc/behest-fcgi/gateway.env': file('etc', 'gateway.env') },
    programs: {
      '/usr/sbin/behest-fcgi': file('sbin', 'behest-fcgi') + (threads ? ` --threads ${threads}` : ''),
      '/usr/sbin/behest-gateway': file('sbin', 'behest-gateway'),
    },
    page: { '/usr/share/behest-fcgi/www': file('www') },
    rest: mount ? { '/var/www/html': file('html') } : {},
  };
  return Object.assign({}, ...wanted.map((name) => places[name]));
}

/** The processes whose program is `name` of this folder. */
export function pidsOf(folder, name) {
  const program = path.join(folder, 'sbin', name);
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && commandOf(entry) === program).map(Number);
}

/* A process that was killed and not yet waited for has an empty command line. */
function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0];
  } catch {
    return '';
  }
}

export function signalAll(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch { /* it ended by itself */ }
  }
}

/** SIGTERM, and waits until they are gone. */
export async function terminate(folder, name) {
  signalAll(pidsOf(folder, name), 'SIGTERM');
  await eventually(() => pidsOf(folder, name).length === 0, `${name} did not stop`, 40_000);
}

/* Also when a test was broken off: what a web server started is not a child of this process. */
const folders = new Set();
function leaveNothing(folder) {
  if (folders.size === 0) process.on('exit', () => { for (const left of folders) killIn(left); });
  folders.add(folder);
}
/* The web server's processes too: they work in the folder, or name it in their command. */
function killIn(folder) {
  const belongs = (pid) => processOf(pid).includes(folder);
  signalAll(readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && belongs(entry)).map(Number), 'SIGKILL');
}
function processOf(pid) {
  const parts = [() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), () => readlinkSync(`/proc/${pid}/cwd`)];
  return parts.map((part) => {
    try {
      return part();
    } catch {
      return '';
    }
  }).join('\0');
}

/** Starts a program of this site (a web server, a supervisor), whose output goes to log/`name`.log. */
export function launch(ground, name, [file, ...args], { env = {} } = {}) {
  const program = new Program(file, args, { cwd: ground.folder, env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, ...env } });
  program.name = name;
  ground.programs.push(program);
  return program;
}

function logs(ground) {
  const files = readdirSync(ground.file('log')).map((name) => [name, readFileSync(ground.file('log', name), 'utf8')]);
  const outputs = ground.programs.map((program) => [program.name, program.stderr + program.stdout]);
  return [...files, ...outputs].filter(([, text]) => text).map(([name, text]) => `--- ${name}\n${text}`).join('\n');
}

/**
 * The site as tests see it, once both programs answer through the web server. What differs between servers comes in `ways`:
 * web (the Program of the web server), reload(), restartApp().
 */
export async function site(ground, { web, reload, restartApp }) {
  const { ca, spki } = makeCertificates();
  const pids = (name) => () => pidsOf(ground.folder, name);
  const made = {
    name: ground.name, folder: ground.folder, database: ground.database, apiKey: ground.apiKey, mount: ground.mount,
    origin: ground.origin, chat: ground.origin + ground.mount, gateway: ground.gateway,
    connect: '127.0.0.1', port: ground.ports.https, httpPort: ground.ports.http, ca, spki,
    reload, restartApp,
    killApp: () => signalAll(pidsOf(ground.folder, 'behest-fcgi'), 'SIGKILL'),
    appPids: pids('behest-fcgi'),
    gatewayPids: pids('behest-gateway'),
    log: () => logs(ground),
    async stop() {
      for (const program of [...ground.programs].reverse()) await end(program);
      killIn(ground.folder);
      await eventually(() => pidsOf(ground.folder, 'behest-fcgi').length + pidsOf(ground.folder, 'behest-gateway').length === 0);
      folders.delete(ground.folder);
    },
  };
  await whenServing(made, web);
  return made;
}

/* Whatever started the programs starts them no more; what it leaves behind is killed after it. */
async function end(program) {
  if (!program.ended) program.signal('SIGTERM');
  await Promise.race([program.exited, sleep(10_000, null, { ref: false })]);
  if (!program.ended) await program.kill();
}

async function whenServing(made, web) {
  try {
    for (const url of [made.chat, made.gateway].filter(Boolean))
      await eventually(() => {
        if (web.ended) throw new Error('the web server ended');
        return isHealthy(made, url);
      }, `${url} does not answer`, 30_000);
  } catch (error) {
    const log = made.log();
    await made.stop();
    throw new Error(`${error.message}\n${log}`);
  }
}

/** Whether /healthz below a URL of the site answers. */
export async function isHealthy(made, url) {
  const { host, pathname } = new URL(url);
  const answer = await fetchRaw({ site: made, host, path: `${pathname.replace(/\/$/, '')}/healthz` }).catch(() => null);
  return answer?.status === 200;
}
