// behest-admin doctor: each thing that can be wrong, made wrong with real files and servers.
import { after, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CONFIG, DONE, FAILED, USAGE, onTerminal } from '../lib/admin.mjs';
import { appEnvironment, makeSite, remoteMinting, signingKey, sql } from '../lib/app.mjs';
import { PAGE_HEADERS, causes, preflight } from '../lib/cors.mjs';
import { API_KEY, jwks, startGateway } from '../lib/gateway.mjs';
import { base64, makeRsaKey } from '../lib/keys.mjs';
import { startLighttpd } from '../lib/lighttpd.mjs';
import { freePort } from '../lib/ports.mjs';
import { programPath, run, runAsync, temporaryFolder } from '../lib/program.mjs';
import { ScriptedBehest, answers, selfSigned } from '../lib/scripted-behest.mjs';

const SITE = 'https://localhost';
// No name server has to be asked for this one: a label has at most 63 characters.
const NOWHERE = `${'a'.repeat(64)}.invalid`;

/** A Behest that mints, takes tokens, has keys and lets the site in, but for what `more` says by "METHOD /path". */
function sound(more = {}) {
  const table = {
    'OPTIONS /v1/chat/completions': preflight({ origin: SITE }),
    'POST /v1/auth/mint': answers.token(),
    'POST /v1/chat/completions': answers.error(400, { 'access-control-allow-origin': SITE }),
    'GET /.well-known/jwks.json': answers.json({ keys: [] }),
    ...more,
  };
  return (seen, response, socket) => (table[`${seen.method} ${seen.url}`] ?? answers.error(404))(seen, response, socket);
}

/** A folder with a page and a sound database, and the settings for it. */
function installation(more = {}) {
  const folder = temporaryFolder();
  makeSite(folder);
  const env = { ...appEnvironment(folder, remoteMinting(behest.url)), ...more };
  assert.equal(run('behest-admin', ['--database', env.CHAT_DATABASE, 'db', 'migrate']).code, DONE);
  return { folder, env, database: env.CHAT_DATABASE };
}
const set = (env) => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));

/** What it says with --json, by check; `all` has every finding. */
async function doctor(env, ...args) {
  const { code, stdout, stderr } = await runAsync('behest-admin', ['doctor', '--json', ...args], { env: set(env) });
  assert.equal(stderr, '');
  const { checks, ...counts } = JSON.parse(stdout);
  const found = { code, ...counts, all: checks };
  for (const finding of checks) found[finding.check] ??= finding;
  for (const [name, result] of [['ok', 'ok'], ['warnings', 'warning'], ['problems', 'problem']])
    assert.equal(counts[name], checks.filter((finding) => finding.result === result).length);
  assert.equal(code, counts.problems ? FAILED : DONE);
  for (const finding of checks) if (finding.result !== 'ok' && finding.check !== 'settings') assert.ok(finding.advice, finding.message);
  return found;
}

// The README's table of causes: what the doctor says, with "…" for what differs from case to case.
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const documented = /\| `browser` \|[^]*?\n\n/.exec(README)[0].split('\n').slice(2).flatMap((row) => row.split('|')[1]?.split('; ') ?? [])
  .map((text) => text.trim()).filter(Boolean)
  .map((text) => new RegExp(`^${text.split('…').map((part) => part.trim().replace(/[.*+?^$()|[\]]/g, '\\$&')).join('.*')}$`));
/** What is not well; how full the disk of the tests is does not matter. */
const amiss = ({ all }) => all.filter(({ check, result }) => result !== 'ok' && check !== 'disk').map(of);
const isDocumented = (message) => assert.ok(documented.some((pattern) => pattern.test(message)), message);
const of = ({ result, message }) => `${result}: ${message}`;

const behest = await ScriptedBehest.start();
after(() => behest.close());
beforeEach(() => {
  behest.reset();
  behest.always = sound();
});

describe('all is well', () => {
  test('with an API key', async () => {
    const { env } = installation();
    const found = await doctor(env, '--origin', `${SITE}/chat`);
    assert.deepEqual(amiss(found), []);
    assert.deepEqual(found.all.map(({ check }) => check), ['settings', 'key', 'database', 'disk', 'page', 'gateway name',
      'gateway connection', 'gateway TLS', 'gateway answer', 'clock', 'mint', 'token', 'browser']);
    const mint = behest.requests.find(({ url }) => url === '/v1/auth/mint');
    assert.equal(mint.body.user_id, 'behest-admin-doctor');
    const asked = behest.requests.find(({ method }) => method === 'OPTIONS');
    assert.equal(asked.headers.origin, SITE);
    assert.equal(asked.headers['access-control-request-headers'], PAGE_HEADERS);
    assert.equal(asked.headers.authorization, undefined);
  });

  test('for people: a line each, and a summary', async () => {
    const { env } = installation();
    const { code, stdout, stderr } = await runAsync('behest-admin', ['doctor', '--origin', SITE], { env: set(env) });
    assert.deepEqual([code, stderr], [DONE, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0], /^ok       settings +complete$/);
    assert.match(lines.at(-1), /^1[23] ok, [01] warnings?, 0 problems$/);
    for (const line of lines.slice(0, 13)) assert.match(line, /^(ok|warning +disk) +\S/);
  });

  test('behest-gateway behind a web server, signing here', async (t) => {
    const folder = temporaryFolder();
    const trusted = path.join(folder, 'jwks.json');
    writeFileSync(trusted, jwks(['key-1', signingKey]));
    const gateway = await startGateway({ env: { GATEWAY_JWKS: trusted, GATEWAY_ALLOWED_ORIGINS: SITE } });
    t.after(() => gateway.stop());
    const web = await startLighttpd(gateway.address);
    t.after(() => web.stop());
    const { env } = installation({ ...appEnvironment(folder), CHAT_DATABASE: path.join(folder, 'chat.db'),
      CHAT_WWW: makeSite(folder), BEHEST_BASE_URL: web.url, CHAT_SITE_URL: SITE });
    const found = await doctor(env);
    assert.deepEqual(amiss(found), []);
    assert.match(found.key.message, /RSA, 2048 bits.*verifies/);
    assert.match(found.browser.message, /lets pages of/);

    const stranger = await doctor({ ...env, BEHEST_KID: 'unknown' });
    assert.match(of(stranger.token), /^problem: the gateway refuses the token \(status 401\)/);
    const elsewhere = await doctor(env, '--origin', 'https://elsewhere.example.org');
    assert.match(of(elsewhere.browser), /^problem: .* sends no Access-Control-Allow-Origin/);
    assert.match(elsewhere.browser.advice, /add exactly https:\/\/elsewhere\.example\.org .*GATEWAY_ALLOWED_ORIGINS/);
  });

  test('behest-gateway with an API key', async (t) => {
    const gateway = await startGateway({ env: { GATEWAY_ALLOWED_ORIGINS: SITE } });
    t.after(() => gateway.stop());
    const web = await startLighttpd(gateway.address);
    t.after(() => web.stop());
    const { env } = installation(remoteMinting(web.url, API_KEY));
    const found = await doctor(env, '--origin', SITE);
    assert.deepEqual(amiss(found), []);
    const wrong = await doctor({ ...env, BEHEST_KEY: `${API_KEY}x` }, '--origin', SITE);
    assert.match(of(wrong.mint), /^problem: key refused \(401\)/);
    assert.equal(wrong.mint.advice, 'check BEHEST_KEY');
  });
});

describe('settings and key', () => {
  test('everything that is wrong is told, and the rest is looked at', async () => {
    const { env } = installation();
    const found = await doctor({ ...env, BEHEST_TTL: '5', CHAT_SIGNUP: 'perhaps', BEHEST_KEY: 'nonsense-4711' }, '--origin', SITE);
    const told = found.all.filter(({ check }) => check === 'settings').map(of);
    for (const name of ['BEHEST_TTL', 'CHAT_SIGNUP', 'BEHEST_KEY'])
      assert.ok(told.some((line) => line.startsWith(`problem: ${name}: `)), told.join('\n'));
    assert.equal(found.problems, 3);
    assert.equal(found.key, undefined);
    assert.equal(found.browser.result, 'ok');
    assert.ok(!JSON.stringify(found).includes('4711'));
  });

  test('no settings at all', async () => {
    const found = await doctor({});
    assert.ok(found.problems >= 2);
    assert.equal(found.database, undefined);
  });

  test('a file of settings, and who may read it', async () => {
    const { folder, env } = installation();
    const file = path.join(folder, 'chat.env');
    writeFileSync(file, Object.entries(set(env)).map(([name, value]) => `${name}='${value}'\n`).join(''), { mode: 0o600 });
    assert.deepEqual(amiss(await doctor({}, '--env-file', file, '--origin', SITE)), []);
    chmodSync(file, 0o644);
    const found = await doctor({}, '--env-file', file, '--origin', SITE);
    assert.match(of(found.all[1]), /^warning: every user of this machine may read .*chat\.env/);
    assert.equal(found.code, DONE);
    const missing = await doctor({}, '--env-file', `${file}.old`);
    assert.match(of(missing.settings), /^problem: .*chat\.env\.old: cannot be read/);
  });

  test('the old name of the key, and a key file that others may read', async () => {
    const { folder, env } = installation();
    const old = await doctor({ ...env, BEHEST_KEY: undefined, BEHEST_API_KEY: env.BEHEST_KEY }, '--origin', SITE);
    assert.match(of(old.all[1]), /^warning: BEHEST_API_KEY: is the old name/);
    const file = path.join(folder, 'key');
    writeFileSync(file, `${env.BEHEST_KEY}\n`, { mode: 0o644 });
    const open = await doctor({ ...env, BEHEST_KEY: undefined, BEHEST_KEY_FILE: file }, '--origin', SITE);
    assert.match(of(open.all[1]), /^warning: every user .*\/key, which holds secrets/);
  });

  test('the address of the site as no browser writes it', async () => {
    const { env } = installation();
    const found = await doctor({ ...env, CHAT_SITE_URL: 'https://chat.example.org:08443' }, '--origin', SITE);
    assert.match(of(found.all[1]), /^problem: CHAT_SITE_URL begins with https:\/\/chat\.example\.org:08443/);
  });

  test('nothing secret is ever printed', async () => {
    const other = makeRsaKey();
    for (const [key, parts] of [
      ['behest_sk_live_VERYSECRETVERYSECRET', ['VERYSECRET']],
      [`behest_pk_${base64(other.pkcs8)}`, [base64(other.pkcs8).slice(40, 80), other.pkcs8.slice(60, 100)]],
    ]) {
      const { env } = installation({ BEHEST_KEY: key, BEHEST_KID: 'k', BEHEST_TENANT_ID: 't', BEHEST_PROJECT_ID: 'p' });
      for (const form of [[], ['--json']]) {
        const { stdout, stderr } = await runAsync('behest-admin', ['doctor', '--origin', SITE, ...form], { env: set(env) });
        for (const part of [...parts, 'eyJ']) assert.ok(!`${stdout}${stderr}`.includes(part), part);
      }
    }
  });

  test('an address that is none is a usage error', async () => {
    for (const origin of ['chat.example.org', 'ftp://chat.example.org', 'https://', 'https://a b', ''])
      assert.equal((await runAsync('behest-admin', ['doctor', '--origin', origin])).code, USAGE, origin);
    assert.equal((await runAsync('behest-admin', ['doctor', 'more'])).code, USAGE);
    assert.equal((await runAsync('behest-admin', ['user', 'list', '--origin', SITE])).code, USAGE);
    assert.notEqual(CONFIG, USAGE);
  });
});

describe('database', () => {
  let place;
  beforeEach(() => { place = installation(); });
  const look = async (more = {}) => (await doctor({ ...place.env, ...more }, '--origin', SITE)).database;

  test('none yet: fine when it can be made', async () => {
    rmSync(place.database);
    assert.match(of(await look()), /^ok: there is no .* yet/);
    assert.ok(!existsSync(place.database), 'and doctor makes none');
    assert.match(of(await look({ CHAT_DATABASE: path.join(place.folder, 'nowhere', 'chat.db') })), /^problem: .*cannot be made/);
  });

  test('who may read and write it', async () => {
    chmodSync(place.database, 0o644);
    assert.match(of(await look()), /^warning: every user of this machine may read/);
    chmodSync(place.database, 0o666);
    assert.match(of(await look()), /^problem: every user of this machine may change/);
  });

  test('another program\'s, no database, a newer one', async () => {
    const foreign = path.join(place.folder, 'foreign.db');
    sql(foreign, 'CREATE TABLE notes (text)');
    chmodSync(foreign, 0o600);
    assert.match(of(await look({ CHAT_DATABASE: foreign })), /^problem: .*belongs to another program/);
    writeFileSync(foreign, 'not a database at all, but long enough to be looked at\n'.repeat(50));
    assert.match(of(await look({ CHAT_DATABASE: foreign })), /^problem: .*cannot be read: file is not a database/);
    assert.match(of(await look({ CHAT_DATABASE: place.folder })), /^problem/);
    sql(place.database, 'PRAGMA user_version = 4711');
    assert.match(of(await look()), /^problem: the schema has version 4711/);
  });

  test('an older one is left as it is', async () => {
    const { user_version: now } = sql(place.database, 'PRAGMA user_version')[0];
    sql(place.database, 'PRAGMA user_version = 0');
    assert.match(of(await look()), new RegExp(`^warning: the schema has version 0 of ${now}`));
    assert.equal(sql(place.database, 'PRAGMA user_version')[0].user_version, 0);
  });

  test('damage', async () => {
    sql(place.database, `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
      INSERT INTO rate_limits SELECT 'bucket', hex(randomblob(200)), i, 1, 1, 1 FROM n`);
    sql(place.database, 'PRAGMA wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(place.database);
    bytes.fill(0x5a, bytes.length - 40 * 4096, bytes.length - 20 * 4096);
    writeFileSync(place.database, bytes);
    assert.match(of(await look()), /^problem: .*is damaged: /);
  });

  test('nothing is left behind beside it', async () => {
    await look();
    assert.equal(statSync(place.database).mode & 0o777, 0o600);
    assert.ok(!existsSync(`${place.database}-wal`) || statSync(`${place.database}-wal`).uid === statSync(place.database).uid);
  });

  test('--database names another one', async () => {
    const found = await doctor({ ...place.env, CHAT_DATABASE: '/nowhere/chat.db' }, '--origin', SITE, '--database', place.database);
    assert.equal(found.database.result, 'ok');
  });
});

describe('page', () => {
  test('half of it', async () => {
    const { folder, env } = installation();
    writeFileSync(path.join(folder, 'www', 'index.html'), '<script src="assets/app-0000AAAA.js"></script><link href="assets/app-3F2A9C1D.css">');
    assert.match(of((await doctor(env)).page), /^problem: .*names assets\/app-0000AAAA\.js, which cannot be read/);
    rmSync(path.join(folder, 'www', 'index.html'));
    assert.match(of((await doctor(env)).page), /^problem: there is no index\.html/);
  });

  test('none', async () => {
    const { folder, env } = installation();
    const empty = path.join(folder, 'empty');
    mkdirSync(empty);
    assert.match(of((await doctor({ ...env, CHAT_WWW: empty })).page), /^problem: there is no index\.html/);
    const found = await doctor({ ...env, CHAT_WWW: `${empty}/no` });
    assert.match(of(found.settings), /^problem: CHAT_WWW/);
    assert.equal(found.page, undefined);
  });
});

describe('gateway', () => {
  let env;
  before(() => { ({ env } = installation()); });
  const at = (url, ...args) => doctor({ ...env, BEHEST_BASE_URL: url }, ...args);

  test('no such name', async () => {
    const found = await at(`https://${NOWHERE}`, '--origin', SITE);
    assert.match(of(found['gateway name']), /^problem: The name of a+\.invalid does not resolve/);
    isDocumented(found['gateway name'].message);
    for (const check of ['gateway connection', 'gateway TLS', 'gateway answer', 'mint', 'token', 'browser'])
      assert.equal(found[check], undefined, check);
  });

  test('nobody listens', async () => {
    const port = await freePort();
    const found = await at(`http://127.0.0.1:${port}`, '--origin', 'http://chat.example.org');
    assert.match(of(found['gateway connection']), new RegExp(`^problem: Nothing listens at 127\\.0\\.0\\.1:${port}`));
    isDocumented(found['gateway connection'].message);
  });

  test('a certificate that nobody vouches for', async (t) => {
    const tls = await ScriptedBehest.start({ tls: selfSigned() });
    t.after(() => tls.close());
    const found = await at(tls.url, '--origin', SITE);
    assert.match(of(found['gateway TLS']), /^problem: The TLS certificate of .* is from an issuer that this machine does not know/);
    isDocumented(found['gateway TLS'].message);
    assert.equal(tls.requests.length, 0);
  });

  test('no TLS where TLS is expected', async () => {
    const found = await at(behest.url.replace('http:', 'https:'), '--origin', SITE);
    assert.match(of(found['gateway TLS']), /^problem: .* does not speak TLS on this port/);
    isDocumented(found['gateway TLS'].message);
  });

  test('it never answers', async () => {
    behest.always = answers.hang();
    const found = await at(behest.url, '--origin', SITE);
    assert.match(of(found['gateway answer']), /^problem: .*did not answer in time: waited for the answer/);
    isDocumented(found['gateway answer'].message);
  });

  for (const [answer, expected] of [
    [answers.redirect('https://www.example.org/'), /^problem: the gateway redirects to https:\/\/www\.example\.org\//],
    [answers.error(502), /^problem: the gateway answers with status 502/],
    [answers.error(404), /^warning: status 404/],
  ]) {
    test(`it answers: ${expected.source}`, async () => {
      behest.always = sound({ 'GET /.well-known/jwks.json': answer });
      assert.match(of((await at(behest.url, '--origin', SITE))['gateway answer']), expected);
    });
  }

  test('control characters of an answer do not reach the terminal', async () => {
    behest.always = (_, response, socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: http://x/\u001b[31m\r\n\r\n');
    const { stdout } = await runAsync('behest-admin', ['doctor', '--origin', SITE], { env: set(env) });
    assert.match(stdout, /redirects to http:\/\/x\//);
    assert.ok(!stdout.includes('\u001b'));
  });

  test('what it answers can be shown, however long and odd it is', async () => {
    behest.always = (_, response, socket) => {
      socket.write('HTTP/1.1 302 Found\r\nLocation: http://x/');
      socket.end(Buffer.concat([Buffer.from([0xff, 0xc3]), Buffer.from(`${'y'.repeat(4070)}\r\n\r\n`)]));
    };
    for (const format of [[], ['--json']]) {
      const { stdout } = await new Promise((resolve) => {
        execFile(programPath('behest-admin'), ['doctor', '--origin', SITE, ...format], { env: set(env), encoding: 'buffer' },
          (_, out) => resolve({ stdout: new TextDecoder('utf-8', { fatal: true }).decode(out) }));
      });
      assert.match(stdout, /redirects to http:\/\/x\/\ufffd\ufffdyyy/);
    }
  });

  for (const [seconds, result] of [[0, 'ok'], [-20, 'ok'], [45, 'warning'], [-300, 'warning'], [2000, 'problem'], [-2000, 'problem']]) {
    test(`a clock that is ${seconds} s away`, async () => {
      const date = () => new Date(Date.now() + seconds * 1000).toUTCString();
      behest.always = sound({ 'GET /.well-known/jwks.json': (...all) => answers.json({ keys: [] }, 200, { date: date() })(...all) });
      const { clock } = await at(behest.url, '--origin', SITE);
      assert.equal(clock.result, result, clock.message);
      if (result !== 'ok') assert.ok(clock.message.includes(seconds > 0 ? 'behind the gateway' : 'ahead of the gateway'), clock.message);
    });
  }

  test('tokens signed here bear less', async () => {
    const local = installation({ ...appEnvironment(temporaryFolder()), BEHEST_BASE_URL: behest.url });
    Object.assign(local.env, { CHAT_WWW: makeSite(local.folder) });
    const date = () => new Date(Date.now() - 45_000).toUTCString();
    behest.always = sound({ 'GET /.well-known/jwks.json': (...all) => answers.json({ keys: [] }, 200, { date: date() })(...all) });
    assert.match(of((await doctor(local.env, '--origin', SITE)).clock), /^problem: this machine is 4\d seconds ahead .*tokens are refused/);
  });

  for (const [mint, expected] of [
    [answers.error(401), /^problem: key refused \(401\)/],
    [answers.error(429), /^problem: rate limited/],
    [answers.text('no JSON'), /^problem: the answer is not JSON/],
  ]) {
    test(`a mint: ${expected.source}`, async () => {
      behest.always = sound({ 'POST /v1/auth/mint': mint });
      const found = await at(behest.url, '--origin', SITE);
      assert.equal(found.mint.result, 'problem');
      assert.match(of(found.mint), expected);
      assert.equal(found.token, undefined);
      assert.equal(found.browser.result, 'ok');
    });
  }

  for (const [status, result] of [[401, 'problem'], [403, 'problem'], [404, 'problem'], [500, 'problem'], [307, 'problem'],
    [400, 'ok'], [422, 'ok'], [429, 'ok'], [402, 'ok']]) {
    test(`a chat request is answered with ${status}`, async () => {
      behest.always = sound({ 'POST /v1/chat/completions': answers.error(status) });
      assert.equal((await at(behest.url, '--origin', SITE)).token.result, result);
      const asked = behest.requests.find(({ method, url }) => method === 'POST' && url === '/v1/chat/completions');
      assert.deepEqual(asked.body, {});
    });
  }
});

describe('what browsers say', () => {
  for (const [verdict, behaviour, words] of causes(SITE)) {
    test(`${verdict}: ${words.source}`, async () => {
      const { env } = installation();
      behest.always = sound({ 'OPTIONS /v1/chat/completions': behaviour });
      const { browser } = await doctor(env, '--origin', SITE);
      assert.match(browser.message, words);
      assert.equal(browser.result, verdict === 'allowed' ? 'ok' : 'problem');
      isDocumented(browser.message);
    });
  }

  test('errors that the page cannot read', async () => {
    const { env } = installation();
    behest.always = sound({ 'POST /v1/chat/completions': answers.error(400) });
    const found = await doctor(env, '--origin', SITE);
    const asked = behest.requests.find(({ method, url }) => method === 'POST' && url === '/v1/chat/completions');
    assert.equal(asked.headers.origin, SITE);
    isDocumented(found.all.at(-1).message);
    assert.deepEqual(amiss(found), ['warning: an error (status 400) comes without Access-Control-Allow-Origin: '
      + 'the page takes it for a gateway that is down']);
  });

  test('a gateway at the page\'s own origin', async () => {
    const { env } = installation();
    behest.always = sound({ 'OPTIONS /v1/chat/completions': answers.error(405) });
    const { browser } = await doctor(env, '--origin', behest.url);
    assert.match(of(browser), /^ok: .*own origin/);
    isDocumented(browser.message);
  });

  test('a page by https with a gateway that is not', async () => {
    const { env } = installation();
    const found = await doctor({ ...env, BEHEST_BASE_URL: `http://${NOWHERE}` }, '--origin', SITE);
    assert.match(of(found.browser), /^problem: The page comes by https and the gateway is at http/);
    isDocumented(found.browser.message);
  });

  test('a gateway that browsers elsewhere cannot reach', async () => {
    const { env } = installation();
    const elsewhere = 'https://chat.example.org';
    behest.always = sound({ 'OPTIONS /v1/chat/completions': preflight({ origin: elsewhere }) });
    const found = await doctor(env, '--origin', elsewhere);
    assert.equal(found.code, DONE);
    assert.match(of(found.browser), /^warning: .*its address means this machine/);
    isDocumented(found.browser.message);
  });

  test('nobody knows where the page is', async () => {
    const { env } = installation();
    const { code, browser } = await doctor(env);
    assert.deepEqual([code, browser.result], [DONE, 'warning']);
    assert.match(browser.advice, /--origin/);
  });
});

test('on a terminal it says what it waits for', async () => {
  const { env } = installation();
  const folder = temporaryFolder();
  const file = path.join(folder, 'chat.env');
  writeFileSync(file, Object.entries(set({ ...env, BEHEST_BASE_URL: 'http://127.0.0.1:1' }))
    .map(([name, value]) => `${name}='${value}'\n`).join(''), { mode: 0o600 });
  const { code, screen } = await onTerminal(['doctor', '--env-file', file]);
  assert.equal(code, FAILED, screen);
  assert.match(screen, /Asking the gateway \.\.\.\u001b\[K|Asking the gateway \.\.\./);
  assert.match(screen, /problem +gateway connection +Nothing listens at 127\.0\.0\.1:1/);
});
