// GET /metrics of behest-gateway: who may read it, what it counts, and what it never shows.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { sql } from '../lib/app.mjs';
import { API_KEY, ORIGIN, gatewayEnvironment, question, startGateway } from '../lib/gateway.mjs';
import { counted, parseExposition } from '../lib/exposition.mjs';
import { eventually, run, temporaryFolder } from '../lib/program.mjs';
import { inFile, reload, writeSettings } from '../lib/reload.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';
import { MINUTE, roomInWindow } from '../lib/windows.mjs';

const TOKEN = 'scraper-0123456789abcdef';
const bearer = { authorization: `Bearer ${TOKEN}` };
const STREAM = question({ stream: true });
const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always = replies.completion('Hello');
});

const ask = (gateway, { from = '198.51.100.7', method = 'GET', path = '/metrics', headers = {} } = {}) =>
  gateway.client.request(method, path, { headers, extra: { REMOTE_ADDR: from } });

/** Everything of an answer that anybody can see, but for what differs from request to request. */
const look = (response) => response.raw.replace(/^x-trace-id: .*$/im, '') + response.text;

/** Fails unless /metrics answers as a path does that there is not. */
async function isHidden(gateway, options = {}) {
  for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT']) {
    const hidden = await ask(gateway, { ...options, method });
    assert.equal(hidden.status, 404, method);
    assert.equal(look(hidden), look(await ask(gateway, { ...options, method, path: '/metricz' })), method);
  }
}

async function isShown(gateway, options = {}) {
  const shown = await ask(gateway, options);
  assert.equal(shown.status, 200, shown.text);
  assert.equal(shown.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(shown.get('access-control-allow-origin'), undefined);
  assert.ok(parseExposition(shown.text).has('behest_gateway_tokens_total'));
  const head = await ask(gateway, { ...options, method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
}

describe('who may read it', () => {
  test('by default nobody, and nothing tells that it is there', async (t) => {
    const gateway = await startGateway();
    t.after(() => gateway.stop());
    await isHidden(gateway);
    await isHidden(gateway, { from: '127.0.0.1', headers: bearer });
    await isHidden(gateway, { from: '127.0.0.1', headers: { authorization: `Bearer ${API_KEY}` } });
    await isHidden(gateway, { from: '127.0.0.1', headers: { origin: ORIGIN } });
  });

  test('with a token, whoever sends it, but no page of a site', async (t) => {
    const gateway = await startGateway({ env: { GATEWAY_METRICS_TOKEN: TOKEN } });
    t.after(() => gateway.stop());
    await isShown(gateway, { headers: bearer });
    await isHidden(gateway);
    await isHidden(gateway, { from: '127.0.0.1' });
    await isHidden(gateway, { headers: { authorization: 'Bearer wrong-0123456789abcdef' } });
    await isHidden(gateway, { headers: { authorization: `Bearer ${API_KEY}` } });
    await isHidden(gateway, { headers: { authorization: `Bearer ${gateway.token()}` } });
    await isHidden(gateway, { headers: { ...bearer, origin: ORIGIN } });
    for (const method of ['POST', 'DELETE', 'PUT', 'OPTIONS'])
      assert.equal((await ask(gateway, { method, headers: bearer })).status, 404);
  });

  test('with loopback, this machine, unless a proxy passes a request on', async (t) => {
    const gateway = await startGateway({ env: { GATEWAY_METRICS: 'loopback' } });
    t.after(() => gateway.stop());
    for (const from of ['127.0.0.1', '::1']) await isShown(gateway, { from });
    await isHidden(gateway);
    await isHidden(gateway, { headers: { 'x-forwarded-for': '127.0.0.1' } });
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip'])
      await isHidden(gateway, { from: '127.0.0.1', headers: { [name]: '127.0.0.1' } });
    await isHidden(gateway, { from: '127.0.0.1', headers: { origin: ORIGIN } });
  });

  test('settings that cannot be used are refused, without showing the token', () => {
    for (const [env, line] of [
      [{ GATEWAY_METRICS: 'yes' }, /^GATEWAY_METRICS: must be one of: off, loopback$/m],
      [{ GATEWAY_METRICS_TOKEN: 'short-15-charac' }, /^GATEWAY_METRICS_TOKEN: must be at least 16 /m],
    ]) {
      const { code, stderr } = run('behest-gateway', ['--check-config'], { env: gatewayEnvironment(temporaryFolder(), env) });
      assert.equal(code, 78);
      assert.match(stderr, line);
      assert.doesNotMatch(stderr, /short/);
    }
  });
});

/** A process of its own, and read(), what it has counted. */
async function startCounted(t, { env = {}, ...options } = {}) {
  const gateway = await startGateway({ ...options, env: { GATEWAY_METRICS: 'loopback', GATEWAY_UPSTREAM_URL: upstream.url,
    GATEWAY_MODEL: 'scripted', ...env } });
  t.after(() => gateway.stop());
  return Object.assign(gateway, { read: async () => parseExposition((await ask(gateway, { from: '127.0.0.1' })).text) });
}

/** All series of a metric with one label, by its value. */
function byLabel(families, name, label) {
  return Object.fromEntries(families.get(name).samples.map(({ labels, value }) => [labels[label], value]));
}

describe('what it counts', () => {
  test('requests by route, and workers', async (t) => {
    const gateway = await startCounted(t, { args: ['--threads', '9'] });
    await gateway.chat(gateway.token());
    await gateway.chat('no token');
    await gateway.request('GET', '/v1/models', { token: gateway.token() });
    await gateway.request('GET', '/v1/nothing/here', { token: gateway.token() });
    await gateway.request('GET', '/nothing');
    const now = await gateway.read();
    const requests = (route, method, status) => counted(now, 'behest_http_requests_total', { route, method, status });
    assert.equal(requests('/v1/chat/completions', 'POST', '401'), 1);
    assert.equal(requests('/v1/models', 'GET', '200') + requests('/v1/models', 'GET', '502'), 1);
    assert.equal(requests('/v1/*', 'GET', '404'), 1);
    assert.equal(requests('none', 'GET', '404'), 1);
    assert.equal(counted(now, 'behest_workers'), 9);
    assert.equal(counted(now, 'behest_workers_busy'), 1);
  });

  test('tokens: what the model reports, whole and streamed', async (t) => {
    const gateway = await startCounted(t);
    upstream.next = [replies.completion('Hello', { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 }),
      replies.stream(['Hello'], { prompt_tokens: 100, completion_tokens: 200, total_tokens: 300 })];
    assert.equal((await gateway.chat(gateway.token())).status, 200);
    assert.equal((await gateway.chat(gateway.token(), STREAM)).status, 200);
    const now = await gateway.read();
    assert.deepEqual(byLabel(now, 'behest_gateway_tokens_total', 'kind'), { prompt: 111, completion: 222 });
    assert.deepEqual(sql(gateway.database, 'SELECT sum(input_tokens) AS input, sum(output_tokens) AS output FROM usage_days'),
      [{ input: 111, output: 222 }], 'the same as counts against the tiers');
  });

  test('replies that stream now, and end one way or another', async (t) => {
    const gateway = await startCounted(t);
    const streams = async () => counted(await gateway.read(), 'behest_gateway_streams');
    const hands = [];
    upstream.always = replies.byHand((given) => hands.push(given));
    const finished = await gateway.stream(gateway.token());
    await eventually(() => hands.length === 1);
    const left = await gateway.stream(gateway.token());
    await eventually(() => hands.length === 2);
    assert.equal(await streams(), 2);
    const finish = finished.response();
    for (const hand of hands) hand.piece('Hello');
    hands[0].done();
    await finish;
    left.connection.close();
    await eventually(async () => (await streams()) === 0, 'a stream counts although its reader left');
    upstream.always = replies.completion('Hello');
    assert.equal((await gateway.chat(gateway.token())).status, 200);
    assert.equal(await streams(), 0);
  });

  test('refusals by limit', async (t) => {
    const gateway = await startCounted(t, { env: { GATEWAY_TIERS: '1:2,100,100000;2:100,3,100000;3:100,100,1' },
      args: ['--threads', '2'] });
    const ask = async (token, times) => {
      for (let i = 0; i < times; i++) await gateway.chat(token);
    };
    await roomInWindow(MINUTE, MINUTE / 6);
    await ask(gateway.token({ tier: 1 }), 4);
    await ask(gateway.token({ tier: 2 }), 6);
    await ask(gateway.token({ tier: 3 }), 2);
    const hands = [];
    upstream.always = replies.byHand((given) => hands.push(given));
    const exchange = await gateway.stream(gateway.token({ tier: 2 }));
    await eventually(() => hands.length === 1);
    assert.equal((await gateway.chat(gateway.token({ tier: 2 }))).status, 503);
    const finish = exchange.response();
    hands[0].done();
    await finish;
    assert.deepEqual(byLabel(await gateway.read(), 'behest_gateway_refusals_total', 'limit'),
      { requests_per_minute: 2, requests_per_day: 3, tokens_per_day: 1, completions_at_once: 1, user_at_once: 0, kept_bytes: 0 });
  });

  test('refusals of a user who has too many answers under way', async (t) => {
    const gateway = await startCounted(t, { args: ['--threads', '8'] });
    const token = gateway.token({ tier: 3 });
    const hands = [];
    upstream.always = replies.byHand((given) => hands.push(given));
    let refused;
    const exchanges = [];
    for (let i = 0; i < 8 && !refused; i++) {
      const exchange = await gateway.stream(token);
      const head = exchange.head();
      await Promise.race([head, eventually(() => hands.length > i)]);
      if (hands.length > i) exchanges.push(exchange);
      else refused = await head;
    }
    assert.equal(refused?.status, 429);
    const finish = exchanges.map((exchange) => exchange.response());
    for (const hand of hands) hand.done();
    await Promise.all(finish);
    const now = byLabel(await gateway.read(), 'behest_gateway_refusals_total', 'limit');
    assert.deepEqual([now.user_at_once, now.completions_at_once], [1, 0]);
  });

  test('errors of the upstream, before and in the middle of an answer', async (t) => {
    const gateway = await startCounted(t);
    const token = gateway.token({ tier: 3 });
    upstream.next = [replies.stream(['It takes stream_options.'])];
    await gateway.chat(token, STREAM);
    for (const status of [400, 422, 429, 500, 401]) {
      upstream.next = [replies.error(status), replies.error(status)];
      await gateway.chat(token);
      await gateway.chat(token, STREAM);
    }
    upstream.next = [replies.text('no JSON')];
    await gateway.chat(token);
    upstream.next = [replies.byHand((hands) => { hands.piece('half'); hands.end(); })];
    await gateway.chat(token, STREAM);
    upstream.next = [replies.byHand((hands) => { hands.piece('half'); setTimeout(hands.destroy, 50); })];
    await gateway.chat(token, STREAM);
    await gateway.chat(token);
    assert.deepEqual(byLabel(await gateway.read(), 'behest_gateway_upstream_errors_total', 'error'),
      { refused: 4, rate_limited: 2, timeout: 0, failed: 7 });
  });

  test('mints by result', async (t) => {
    const gateway = await startCounted(t);
    assert.equal((await gateway.mint()).status, 200);
    await gateway.mint({ user_id: '' });
    await gateway.mint({}, { token: 'wrong' });
    assert.deepEqual(byLabel(await gateway.read(), 'behest_gateway_mints_total', 'result'), { ok: 1, refused: 2, error: 0 });
  });

  test('what was counted survives a reload', async (t) => {
    const folder = temporaryFolder();
    const settings = gatewayEnvironment(folder, { GATEWAY_METRICS: 'loopback' });
    const { file, ...rest } = inFile(folder, settings);
    const gateway = await startGateway(rest);
    t.after(() => gateway.stop());
    const read = async () => parseExposition((await ask(gateway, { from: '127.0.0.1' })).text);
    await gateway.mint();
    const before = await read();
    assert.match(await reload(gateway), /msg=reloaded/);
    await gateway.mint();
    const later = await read();
    assert.equal(counted(later, 'behest_gateway_mints_total', { result: 'ok' }), 2);
    assert.equal(counted(later, 'process_start_time_seconds'), counted(before, 'process_start_time_seconds'));
    writeSettings(file, { ...settings, GATEWAY_METRICS: 'off' });
    assert.match(await reload(gateway), /msg=reloaded/);
    await isHidden(gateway, { from: '127.0.0.1' });
  });
});

test('no person, secret, question or raw path is shown', async (t) => {
  const gateway = await startCounted(t, { env: { GATEWAY_METRICS_TOKEN: TOKEN } });
  const token = gateway.token({ uid: 'private-person' });
  await gateway.chat(token, { messages: [{ role: 'user', content: 'private question' }] });
  await gateway.request('GET', '/v1/private/thread', { token });
  await gateway.request('PRIVATE', '/private');
  await gateway.mint({ user_id: 'private-user' });
  const { text } = await ask(gateway, { headers: bearer });
  assert.ok(parseExposition(text).size > 10);
  assert.doesNotMatch(text, /private|PRIVATE|scraper|behest_sk|127\.0\.0\.1/);
  assert.ok(!text.includes(token));
});
