// behest-fcgi as most tests want it: its own folder, database and small site, signing locally.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { run, startResponder, temporaryFolder } from './program.mjs';
import { Client } from './client.mjs';
import { localSigning, makeRsaKey } from './keys.mjs';

export const signingKey = makeRsaKey();

export const INDEX = '<!doctype html><html lang="en"><head><base href="/"><title>Chat</title></head><body></body></html>\n';

/** The smallest site that has every kind of file; answers its folder. */
export function makeSite(folder) {
  const site = path.join(folder, 'www');
  mkdirSync(path.join(site, 'assets'), { recursive: true });
  const script = `console.log("${'piece '.repeat(200)}");\n`;
  for (const [name, content] of Object.entries({
    'index.html': INDEX,
    'assets/app-3F2A9C1D.js': script,
    'assets/app-3F2A9C1D.css': 'body { margin: 0 }\n',
    'assets/mark-0011AABB.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'assets/text-0011AABB.woff2': 'not really a font',
    'favicon.ico': 'icon',
    'manifest.webmanifest': '{}',
    'robots.txt': 'User-agent: *\n',
  })) writeFileSync(path.join(site, name), content);
  for (const name of ['index.html', 'assets/app-3F2A9C1D.js'])
    writeFileSync(path.join(site, `${name}.gz`), gzipSync(name === 'index.html' ? INDEX : script));
  return site;
}

/** The settings with which everything works without a network. */
export function appEnvironment(folder, more = {}) {
  return {
    CHAT_DATABASE: path.join(folder, 'chat.db'),
    CHAT_WWW: path.join(folder, 'www'),
    ...localSigning(signingKey),
    ...more,
  };
}

/** The settings, over the defaults, of minting at a Behest elsewhere. */
export function remoteMinting(url, key = 'behest_sk_live_0123456789') {
  return { BEHEST_KEY: key, BEHEST_BASE_URL: url, BEHEST_KID: undefined, BEHEST_TENANT_ID: undefined,
    BEHEST_PROJECT_ID: undefined };
}

/** Starts behest-fcgi; `env` goes over the defaults, undefined removes one. */
export async function startApp({ env = {}, args = ['--threads', '4'], folder = temporaryFolder(), ...rest } = {}) {
  makeSite(folder);
  const settings = Object.fromEntries(
    Object.entries(appEnvironment(folder, env)).filter(([, value]) => value !== undefined));
  const app = await startResponder('behest-fcgi', { env: settings, args, folder, ...rest });
  app.settings = settings;
  app.database = settings.CHAT_DATABASE;
  app.client = (options) => new Client(app.address, options);
  app.sql = (statement) => sql(app.database, statement);
  app.admin = (...args) => admin(app.database, ...args);
  return app;
}

/** Rows of a statement, through the sqlite3 program, as objects. */
export function sql(database, statement) {
  const result = spawnSync('sqlite3', ['-json', '-cmd', '.timeout 10000', database, statement],
    { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`sqlite3: ${result.stderr}`);
  return result.stdout.trim() ? JSON.parse(result.stdout) : [];
}

/** All of a database as SQL text. */
export function dump(database) {
  const result = spawnSync('sqlite3', ['-cmd', '.timeout 10000', database, '.dump'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.status !== 0) throw new Error(`sqlite3: ${result.stderr}`);
  return result.stdout;
}

/** behest-admin on a database; an object as last argument holds `input` and so on. */
export function admin(database, ...args) {
  const options = typeof args[args.length - 1] === 'object' ? args.pop() : {};
  return run('behest-admin', ['--database', database, ...args], options);
}
