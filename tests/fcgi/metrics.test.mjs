// GET /metrics of behest-fcgi: who may read it, what it counts, and what it never shows.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { appEnvironment, remoteMinting, startApp } from '../lib/app.mjs';
import { freshAddress } from '../lib/client.mjs';
import { counted, parseExposition } from '../lib/exposition.mjs';
import { Connection } from '../lib/fastcgi.mjs';
import { lock } from '../lib/lock.mjs';
import { eventually, run, temporaryFolder } from '../lib/program.mjs';
import { inFile, reload, writeSettings } from '../lib/reload.mjs';
import { ScriptedBehest, answers } from '../lib/scripted-behest.mjs';
import { MINUTE, roomInWindow } from '../lib/windows.mjs';

const TOKEN = 'scraper-0123456789abcdef';
const bearer = { authorization: `Bearer ${TOKEN}` };
const LOOPBACK = { remoteAddr: '127.0.0.1' };

const ask = (app, { from = freshAddress(), method = 'GET', path = '/metrics', headers = {} } = {}) =>
  app.client({ remoteAddr: from }).request(method, path, { headers });

/** Everything of an answer that anybody can see, but for what differs from request to request. */
const look = (response, path) => response.raw.replace(/^x-request-id: .*$/im, '') + response.text.replaceAll(path, '');

/** Fails unless /metrics answers as a path does that there is not. */
async function isHidden(app, options = {}) {
  for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT']) {
    const hidden = await ask(app, { ...options, method });
    const unknown = await ask(app, { ...options, method, path: '/metricz' });
    assert.notEqual(hidden.status, 200, method);
    assert.equal(look(hidden, '/metrics'), look(unknown, '/metricz'), method);
  }
  assert.equal((await ask(app, options)).status, 404);
}

async function isShown(app, options = {}) {
  const shown = await ask(app, options);
  assert.equal(shown.status, 200, shown.text);
  assert.equal(shown.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(shown.get('cache-control'), 'no-store');
  assert.equal(shown.get('access-control-allow-origin'), undefined);
  assert.ok(parseExposition(shown.text).has('behest_http_requests_total'));
  const head = await ask(app, { ...options, method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert.equal(head.get('content-type'), shown.get('content-type'));
}

describe('who may read it', () => {
  test('by default nobody, and nothing tells that it is there', async (t) => {
    const app = await startApp();
    t.after(() => app.stop());
    await isHidden(app);
    await isHidden(app, { from: '127.0.0.1' });
    await isHidden(app, { from: '127.0.0.1', headers: bearer });
    await isHidden(app, { from: '127.0.0.1', headers: { authorization: 'Bearer ' } });
  });

  test('off is the same as nothing', async (t) => {
    const app = await startApp({ env: { CHAT_METRICS: 'off' } });
    t.after(() => app.stop());
    await isHidden(app, { from: '127.0.0.1' });
  });

  test('with a token, whoever sends it', async (t) => {
    const app = await startApp({ env: { CHAT_METRICS_TOKEN: TOKEN } });
    t.after(() => app.stop());
    await isShown(app, { headers: bearer });
    await isShown(app, { headers: { authorization: `bearer ${TOKEN}`, 'x-forwarded-for': '203.0.113.9' } });
    for (const authorization of ['Bearer wrong-0123456789abcdef', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`,
      `Basic ${TOKEN}`, TOKEN, 'Bearer', ''])
      await isHidden(app, { headers: { authorization } });
    await isHidden(app);
    await isHidden(app, { from: '127.0.0.1' });
  });

  test('with loopback, this machine, unless a proxy passes a request on', async (t) => {
    const app = await startApp({ env: { CHAT_METRICS: 'loopback' } });
    t.after(() => app.stop());
    for (const from of ['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1']) await isShown(app, { from });
    await isHidden(app, { headers: bearer });
    for (const from of ['198.51.100.7', '128.0.0.1', '2001:db8::1', '']) {
      await isHidden(app, { from });
      await isHidden(app, { from, headers: { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' } });
    }
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip'])
      for (const value of ['203.0.113.9', '127.0.0.1', ''])
        await isHidden(app, { from: '127.0.0.1', headers: { [name]: value } });
  });

  test('with loopback and a trusted proxy, not those who come through it', async (t) => {
    const app = await startApp({ env: { CHAT_METRICS: 'loopback', CHAT_TRUSTED_PROXIES: '127.0.0.1,10.0.0.1' } });
    t.after(() => app.stop());
    await isHidden(app, { from: '10.0.0.1', headers: { 'x-forwarded-for': '127.0.0.1' } });
    await isHidden(app, { from: '127.0.0.1', headers: { 'x-forwarded-for': '127.0.0.1' } });
    await isShown(app, { from: '127.0.0.1' });
  });

  test('both together let either in; a page of any site is kept out', async (t) => {
    const app = await startApp({ env: { CHAT_METRICS: 'loopback', CHAT_METRICS_TOKEN: TOKEN } });
    t.after(() => app.stop());
    await isShown(app, { from: '127.0.0.1' });
    await isShown(app, { headers: bearer });
    await isShown(app, { from: '127.0.0.1', headers: { 'x-forwarded-for': '203.0.113.9', ...bearer } });
    const origin = { origin: 'http://chat.example.org' };
    for (const method of ['GET', 'HEAD'])
      assert.equal((await ask(app, { method, from: '127.0.0.1', headers: { ...bearer, ...origin } })).status, 404);
  });

  test('below the path of the site alone', async (t) => {
    const app = await startApp({ env: { CHAT_METRICS_TOKEN: TOKEN, CHAT_SITE_URL: 'https://chat.example.org/chat' } });
    t.after(() => app.stop());
    const { status } = await app.client({ mount: '/chat', https: true }).get('/metrics', { headers: bearer });
    assert.equal(status, 200);
  });

  test('settings that cannot be used are refused, without showing the token', () => {
    for (const [env, line] of [
      [{ CHAT_METRICS: 'on' }, /^CHAT_METRICS: must be one of: off, loopback$/m],
      [{ CHAT_METRICS_TOKEN: 'short-15-charac' }, /^CHAT_METRICS_TOKEN: must be at least 16 /m],
      [{ CHAT_METRICS_TOKEN: 'short 15 characters' }, /^CHAT_METRICS_TOKEN: must be at least 16 /m],
    ]) {
      const folder = temporaryFolder();
      const { code, stderr } = run('behest-fcgi', ['--check-config'],
        { env: { ...appEnvironment(folder, env), CHAT_WWW: folder } });
      assert.equal(code, 78);
      assert.match(stderr, line);
      assert.doesNotMatch(stderr, /short/);
    }
  });
});

/** A process of its own, and read(), what it has counted. */
async function startCounted(t, { env = {}, ...options } = {}) {
  const app = await startApp({ env: { CHAT_METRICS: 'loopback', ...env }, ...options });
  t.after(() => app.stop());
  const reader = app.client(LOOPBACK);
  return Object.assign(app, { read: async () => parseExposition((await reader.get('/metrics')).text) });
}

describe('what it counts', () => {
  test('the process: version, start, workers', async (t) => {
    const app = await startCounted(t, { args: ['--threads', '3'] });
    const now = await app.read();
    const { stdout } = run('behest-fcgi', ['--version']);
    assert.deepEqual(now.get('behest_build_info').samples,
      [{ suffix: '', labels: { version: stdout.trim().split(' ')[1] }, value: 1 }]);
    const started = counted(now, 'process_start_time_seconds');
    assert.ok(started > Date.now() / 1000 - 60 && started <= Date.now() / 1000, `${started}`);
    assert.equal(counted(now, 'behest_workers'), 3);
    assert.equal(counted(now, 'behest_workers_busy'), 1);
  });

  test('requests by route, method and status, and how long they took', async (t) => {
    const app = await startCounted(t);
    const client = app.client();
    for (const path of ['/', '/', '/signin', '/assets/app-3F2A9C1D.js', '/nowhere', '/nor/here', '/%2e%2e/x'])
      await client.get(path);
    await client.request('HEAD', '/');
    await client.request('DELETE', '/');
    await client.request('BREW', '/');
    await client.post('no.such.method');
    await client.request('POST', '/api/behest/token', { headers: { origin: 'https://evil.example' } });
    const now = await app.read();
    const requests = (route, method, status) => counted(now, 'behest_http_requests_total', { route, method, status });
    assert.equal(requests('/', 'GET', '200'), 2);
    assert.equal(requests('/', 'HEAD', '200'), 1);
    assert.equal(requests('/', 'DELETE', '405'), 1);
    assert.equal(requests('/', 'other', '405'), 1);
    assert.equal(requests('/signin', 'GET', '200'), 1);
    assert.equal(requests('/*', 'GET', '200'), 1);
    assert.equal(requests('/*', 'GET', '404'), 2);
    assert.equal(requests('none', 'GET', '400'), 1);
    assert.equal(requests('none', 'POST', '403'), 1);
    assert.equal(requests('/api/_internal/method/*', 'POST', '404'), 1);
    for (const { labels, value } of now.get('behest_http_request_duration_seconds').samples.filter((s) => s.suffix === '_count')) {
      const total = now.get('behest_http_requests_total').samples.filter((sample) => sample.labels.route === labels.route)
        .reduce((sum, sample) => sum + sample.value, 0);
      assert.equal(value, total, labels.route);
    }
    assert.ok(counted(now, 'behest_http_request_duration_seconds', { route: '/' }, '_sum') > 0);
    const again = await app.read();
    assert.equal(counted(again, 'behest_http_requests_total', { route: '/metrics', status: '200' }), 1);
  });

  test('workers that are busy', async (t) => {
    const behest = await ScriptedBehest.start();
    const app = await startCounted(t, { env: remoteMinting(behest.url), args: ['--threads', '6'] });
    t.after(() => behest.close());
    const held = [];
    behest.always = (seen, response) => held.push(() => answers.token()(seen, response));
    const client = app.client();
    await client.join();
    const waiting = [client.post('behest.mint'), client.post('behest.mint')];
    await eventually(() => held.length === 2);
    assert.equal(counted(await app.read(), 'behest_workers_busy'), 3);
    for (const answer of held) answer();
    await Promise.all(waiting);
    assert.equal(counted(await app.read(), 'behest_workers_busy'), 1);
  });

  test('methods by name, and mints by mode and result', async (t) => {
    const app = await startCounted(t);
    const client = app.client();
    await client.post('behest.mint');
    await client.join();
    for (let i = 0; i < 3; i++) await client.call('behest.mint');
    await client.post('behest.mint', { args: { sessionId: 'no UUID' } });
    assert.equal((await client.request('POST', '/api/behest/token')).status, 200);
    await client.post('_system.user.getOwnProfile', '{');
    const now = await app.read();
    const calls = (method, status) => counted(now, 'behest_method_calls_total', { method, status });
    assert.equal(calls('behest.mint', '200'), 3);
    assert.equal(calls('behest.mint', '401'), 1);
    assert.equal(calls('behest.mint', '400'), 1);
    assert.equal(calls('_system.user.getOwnProfile', '400'), 1);
    assert.equal(counted(now, 'behest_method_duration_seconds', { method: 'behest.mint' }, '_count'), 5);
    assert.deepEqual(now.get('behest_mints_total').samples.map(({ labels, value }) => [labels.mode, labels.result, value]),
      [['local', 'ok', 4], ['local', 'invalid', 1]]);
  });

  test('mints at a gateway that fails', async (t) => {
    const behest = await ScriptedBehest.start();
    const app = await startCounted(t, { env: remoteMinting(behest.url) });
    t.after(() => behest.close());
    const client = app.client();
    await client.join();
    for (const status of [200, 401, 402, 429, 500, 500]) {
      behest.always = status === 200 ? answers.token() : answers.error(status);
      await client.post('behest.mint');
    }
    const now = await app.read();
    const mints = (result) => counted(now, 'behest_mints_total', { mode: 'remote', result });
    assert.deepEqual([mints('ok'), mints('upstream'), mints('quota'), mints('rate_limited')], [1, 3, 1, 1]);
  });

  test('sign-ins and sign-ups by result', async (t) => {
    const app = await startCounted(t, { env: { CHAT_SIGNUP: 'open' } });
    const client = app.client();
    await client.join();
    await app.client().signIn(client.email, client.password);
    await app.client().post('_system.user.loginWithPassword', { args: { email: client.email, password: 'wrong horse' } });
    await app.client().post('_system.user.loginWithPassword', { args: { email: 'nobody@example.org', password: 'wrong horse' } });
    await app.client().post('_system.user.loginWithPassword', { args: {} });
    const disabled = app.client();
    await disabled.signUp();
    assert.equal(app.admin('user', 'disable', disabled.email).code, 0);
    const refused = await disabled.post('_system.user.loginWithPassword', { args: { email: disabled.email, password: disabled.password } });
    const wrong = await disabled.post('_system.user.loginWithPassword', { args: { email: disabled.email, password: 'wrong horse' } });
    assert.deepEqual([refused.status, refused.text], [wrong.status, wrong.text], 'the person cannot tell');
    await app.client().post('_system.user.signupWithPassword', { args: { email: client.email, password: 'correct horse' } });
    await app.client().post('_system.user.signupWithPassword', { args: { email: 'new@example.org', password: 'short' } });
    const busy = app.client();
    await roomInWindow(15 * MINUTE, MINUTE / 2);
    for (let i = 0; i < 51; i++)
      await busy.post('_system.user.loginWithPassword', { args: { email: 'nobody@example.org' } });
    const now = await app.read();
    const all = (name) => Object.fromEntries(now.get(name).samples.map(({ labels, value }) => [labels.result, value]));
    assert.deepEqual(all('behest_signins_total'),
      { ok: 2, wrong_password: 3, disabled: 1, rate_limited: 1, overloaded: 0, invalid: 51, error: 0 });
    assert.deepEqual(all('behest_signups_total'),
      { ok: 2, taken: 1, closed: 0, rate_limited: 0, overloaded: 0, invalid: 1, error: 0 });
  });

  test('sign-ups where they are closed', async (t) => {
    const app = await startCounted(t, { env: { CHAT_SIGNUP: 'closed' } });
    await assert.rejects(app.client().signUp());
    assert.equal(counted(await app.read(), 'behest_signups_total', { result: 'closed' }), 1);
  });

  test('waiting for the database', async (t) => {
    const app = await startCounted(t);
    const client = app.client();
    await client.join();
    const before = await app.read();
    const release = await lock(t, app.database);
    const changed = client.call('_system.user.updateProfile', { firstName: 'Ada' });
    while (counted(await app.read(), 'behest_sqlite_busy_seconds_total') < 0.03);
    await release();
    await changed;
    const now = await app.read();
    assert.equal(counted(now, 'behest_sqlite_busy_waits_total') - counted(before, 'behest_sqlite_busy_waits_total'), 1);
    assert.ok(counted(now, 'behest_sqlite_busy_seconds_total') < 5);
  });

  test('waiting for the database ends after five seconds', async (t) => {
    const app = await startCounted(t);
    const client = app.client();
    await client.join();
    await lock(t, app.database);
    assert.equal((await client.post('_system.user.updateProfile', { args: { firstName: 'Ada' } })).status, 503);
    assert.equal(counted(await app.read(), 'behest_sqlite_busy_seconds_total'), 5);
  });

  test('what was counted survives a reload, which can also take the page away', async (t) => {
    const folder = temporaryFolder();
    const settings = appEnvironment(folder, { CHAT_METRICS: 'loopback' });
    const { file, ...rest } = inFile(folder, settings);
    const app = await startApp(rest);
    t.after(() => app.stop());
    const client = app.client();
    await client.join();
    await client.call('behest.mint');
    const reader = app.client(LOOPBACK);
    const read = async () => parseExposition((await reader.get('/metrics')).text);
    const before = await read();
    assert.match(await reload(app), /msg=reloaded/);
    await client.call('behest.mint');
    const later = await read();
    assert.equal(counted(later, 'behest_mints_total', { result: 'ok' }), 2);
    assert.equal(counted(later, 'process_start_time_seconds'), counted(before, 'process_start_time_seconds'));
    assert.equal(counted(later, 'behest_workers'), 4);
    assert.equal(counted(later, 'behest_workers_busy'), 1);
    writeSettings(file, { ...settings, CHAT_METRICS: 'off' });
    assert.match(await reload(app), /msg=reloaded/);
    assert.equal((await reader.get('/metrics')).status, 404);
    writeSettings(file, { ...settings, CHAT_METRICS_TOKEN: TOKEN });
    assert.match(await reload(app), /msg=reloaded/);
    assert.equal((await app.client().get('/metrics', { headers: bearer })).status, 200);
  });

  test('nothing is lost between many at once', async (t) => {
    const app = await startCounted(t, { args: ['--threads', '8'] });
    const lanes = await Promise.all(Array.from({ length: 6 }, () => Connection.open(app.address)));
    const client = app.client();
    await Promise.all(lanes.map(async (connection) => {
      for (let i = 0; i < 100; i++) await client.request('GET', '/signup', { connection });
      connection.close();
    }));
    const now = await app.read();
    assert.equal(counted(now, 'behest_http_requests_total', { route: '/signup', method: 'GET', status: '200' }), 600);
    assert.equal(counted(now, 'behest_http_request_duration_seconds', { route: '/signup' }, '_count'), 600);
  });
});

describe('what it never shows', () => {
  let text;
  const secrets = {};

  before(async () => {
    const app = await startApp({ env: { CHAT_METRICS: 'loopback', CHAT_METRICS_TOKEN: TOKEN } });
    after(() => app.stop());
    const client = app.client();
    secrets.user = await client.join({ email: 'a.person@private.example', handle: 'somebody-private' });
    secrets.token = (await client.call('behest.mint')).token;
    secrets.cookie = client.cookies.get('authToken');
    secrets.address = client.remoteAddr;
    for (const path of ['/private-path', '/a"b\\c', '/%0Ax 1', '/private?query=private', '/metrics/private', `/${secrets.user}`])
      await client.get(path);
    await client.post('private.method');
    await client.request('PRIVATE', '/', { headers: { 'user-agent': 'private' } });
    text = (await app.client(LOOPBACK).get('/metrics', { headers: bearer })).text;
  });

  test('no person, secret, address or raw path', () => {
    assert.ok(parseExposition(text).size > 10);
    assert.doesNotMatch(text, /private|example|scraper|a"b|PRIVATE/);
    for (const [name, value] of Object.entries(secrets)) assert.ok(!text.includes(value), name);
  });

  test('no more series than the tables have rows', () => {
    const routes = new Set(parseExposition(text).get('behest_http_requests_total').samples.map(({ labels }) => labels.route));
    for (const route of routes)
      assert.ok(/^(none|\/|\/\*|\/signin|\/signup|\/metrics|\/healthz|\/api\/(\*|_internal\/method\/\*|behest\/token))$/.test(route), route);
  });
});
