// The page as it is served in earnest: lighttpd in front of behest-fcgi, and a gateway at another origin.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from '../lib/app.mjs';
import { freePort } from '../lib/ports.mjs';
import { BUILD, eventually, Program, runAsync, startResponder, temporaryFolder } from '../lib/program.mjs';
import { ScriptedGateway } from './scripted-gateway.mjs';

const LIGHTTPD = process.env.LIGHTTPD || '/usr/sbin/lighttpd';

/** behest-fcgi with a gateway that does what the test says. */
export async function startScriptedStack({ env = {}, host = 'localhost', mount = '' } = {}) {
  const key = makeKey();
  const gateway = await ScriptedGateway.start(key);
  const port = await freePort();
  const origin = `http://${host}:${port}`;
  const url = `${origin}${mount}`;
  gateway.allowedOrigins = [origin];
  const folder = temporaryFolder();
  const started = [gateway];
  try {
    started.unshift(await startApp(folder, { key, gatewayUrl: gateway.url, env: { ...(mount && { CHAT_SITE_URL: url }), ...env } }));
    started.unshift(await startWebServer(folder, [[port, started[0], mount]]));
  } catch (error) {
    await stopAll(started).catch(() => {}); // else a server that listens here would keep the test from ending
    throw error;
  }
  const [, app] = started;
  return {
    url,
    key,
    gateway,
    app,
    /** As it was at the start, but for accounts and tokens; an address may make a few accounts only within a quarter of an hour. */
    reset: () => {
      sql(path.join(folder, 'chat.db'), 'DELETE FROM rate_limits');
      gateway.reset();
      gateway.allowedOrigins = [origin];
    },
    stop: () => stopAll(started),
  };
}

/** behest-fcgi and behest-gateway, nothing scripted; with a `gatewayMount` both on one site, else on two. */
export async function startRealStack({ env = {}, gatewayEnv = {}, gatewayMount } = {}) {
  const key = makeKey();
  const [port, gatewayPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  const gatewayUrl = gatewayMount ? `${url}${gatewayMount}` : `http://127.0.0.1:${gatewayPort}`;
  const folder = temporaryFolder();
  const gateway = await startResponder('behest-gateway', {
    folder,
    env: {
      GATEWAY_DATABASE: path.join(folder, 'gateway.db'),
      GATEWAY_SIGNING_KEY: path.join(folder, 'signing-key.pem'),
      GATEWAY_API_KEY: key,
      ...(gatewayMount ? { GATEWAY_SITE_URL: gatewayUrl } : { GATEWAY_ALLOWED_ORIGINS: url }),
      ...gatewayEnv,
    },
  });
  const app = await startApp(folder, { key, gatewayUrl, env });
  const web = await startWebServer(folder, gatewayMount ? [[port, app, '', [[gatewayMount, gateway]]]]
    : [[port, app], [gatewayPort, gateway]]);
  return {
    url,
    key,
    gatewayUrl,
    app,
    gateway,
    /** behest-admin on the application's database. */
    admin: (args) => runAsync('behest-admin', ['--database', path.join(folder, 'chat.db'), ...args]),
    /** What it keeps is kept. */
    reset: () => {},
    stop: () => stopAll([web, app, gateway]),
  };
}

function startApp(folder, { key, gatewayUrl, env }) {
  return startResponder('behest-fcgi', {
    folder,
    env: {
      CHAT_DATABASE: path.join(folder, 'chat.db'),
      CHAT_WWW: path.join(BUILD, 'www'),
      BEHEST_KEY: key,
      BEHEST_BASE_URL: gatewayUrl,
      ...env,
    },
  });
}

/** lighttpd; each site is [port, program, mount, others on it as [mount, program]]. */
async function startWebServer(folder, sites) {
  const root = path.join(folder, 'nothing');
  mkdirSync(root, { recursive: true });
  const config = path.join(folder, 'lighttpd.conf');
  const log = path.join(folder, 'lighttpd.log');
  const entry = ([mount, { address }]) =>
    `"${mount || '/'}" => (( "socket" => "${address.path}", "check-local" => "disable", "fix-root-scriptname" => "enable" ))`;
  const responder = (program, mount, besides = []) => `fastcgi.server = ( ${[...besides, [mount, program]].map(entry).join(', ')} )`;
  const [[firstPort, first, firstMount, besides], ...others] = sites;
  writeFileSync(config, [
    'server.modules = ( "mod_fastcgi" )',
    `server.document-root = "${root}"`,
    `server.errorlog = "${log}"`,
    'server.bind = "127.0.0.1"',
    `server.port = ${firstPort}`,
    'server.stream-response-body = 2',
    responder(first, firstMount, besides),
    ...others.map(([port, program]) => `$SERVER["socket"] == "127.0.0.1:${port}" { ${responder(program)} }`),
    '',
  ].join('\n'));
  const program = new Program(LIGHTTPD, ['-D', '-f', config], { cwd: folder });
  for (const [port, , mount = ''] of sites) {
    await eventually(async () => {
      if (program.ended) throw new Error(`lighttpd ended: ${program.stderr}`);
      return (await fetch(`http://127.0.0.1:${port}${mount}/healthz`).catch(() => null))?.ok;
    }, 'the web server does not answer');
  }
  return {
    // Its exit code tells whether connections were open, which is no matter.
    stop: async () => {
      program.signal('SIGTERM');
      await program.exited;
    },
  };
}

/** One after the other, all of them, whichever has something to complain of. */
async function stopAll(parts) {
  const complaints = [];
  for (const part of parts) await part.stop().catch((error) => complaints.push(error));
  if (complaints.length > 0) throw complaints[0];
}

function makeKey() {
  return `behest_sk_live_${randomBytes(24).toString('hex')}`;
}
