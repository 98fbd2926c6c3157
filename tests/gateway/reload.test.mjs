// SIGHUP: keys, origins, tiers and upstream are read again; streams go on.
import { after, afterEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from '../lib/app.mjs';
import { byHand, chatter } from '../lib/chatter.mjs';
import { API_KEY, ORIGIN, TRUSTED_KID, gatewayEnvironment, jwks, question, replyOf, startGateway, trustedKey } from '../lib/gateway.mjs';
import { makeRsaKey, takeApart } from '../lib/keys.mjs';
import { eventually, temporaryFolder, within } from '../lib/program.mjs';
import { inFile, reload, underLoad, writeSettings } from '../lib/reload.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';
import { sign, goodClaims, goodHeader } from '../lib/tokens.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
afterEach(() => upstream.reset());

async function start(t, more = {}) {
  const folder = temporaryFolder();
  const settings = gatewayEnvironment(folder, more);
  const { file, ...options } = inFile(folder, settings);
  const gateway = await startGateway(options);
  t.after(() => gateway.stop());
  return Object.assign(gateway, {
    file,
    database: settings.GATEWAY_DATABASE,
    change(others) {
      writeSettings(file, { ...settings, ...others });
      return reload(gateway);
    },
  });
}

const models = (gateway, options) => gateway.request('GET', '/v1/models', options);

describe('what counts from then on', () => {
  test('the key that applications mint with', async (t) => {
    const gateway = await start(t);
    const other = API_KEY.replace(/f$/, 'e');
    assert.equal((await gateway.mint()).status, 200);
    await gateway.change({ GATEWAY_API_KEY: other });
    assert.equal((await gateway.mint()).status, 401);
    assert.equal((await gateway.mint({}, { token: other })).status, 200);
  });

  test('allowed origins', async (t) => {
    const gateway = await start(t);
    const allowed = async (origin) => (await models(gateway, { headers: { origin } })).get('access-control-allow-origin');
    assert.equal(await allowed(ORIGIN), ORIGIN);
    await gateway.change({ GATEWAY_ALLOWED_ORIGINS: 'https://new.example' });
    assert.equal(await allowed(ORIGIN), undefined);
    assert.equal(await allowed('https://new.example'), 'https://new.example');
  });

  test('no origins at all, with a warning', async (t) => {
    const gateway = await start(t);
    assert.match(await gateway.change({ GATEWAY_ALLOWED_ORIGINS: undefined }), /level=warn .*GATEWAY_ALLOWED_ORIGINS/);
    assert.equal((await models(gateway, { headers: { origin: ORIGIN } })).get('access-control-allow-origin'), undefined);
  });

  test('tiers', async (t) => {
    const gateway = await start(t, { GATEWAY_TIERS: '1:100,1,50000' });
    const token = gateway.token();
    assert.equal((await gateway.chat(token)).status, 200);
    assert.equal((await gateway.chat(token)).status, 402);
    await gateway.change({ GATEWAY_TIERS: '1:100,2,50000' });
    assert.equal((await gateway.chat(token)).status, 200, 'what was counted stays counted');
    assert.equal((await gateway.chat(token)).status, 402);
  });

  test('the upstream and its key', async (t) => {
    const gateway = await start(t);
    assert.equal((await gateway.chat(gateway.token())).status, 200);
    assert.equal(upstream.requests.length, 0);
    upstream.always = replies.completion('from the new one');
    await gateway.change({ GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_UPSTREAM_KEY: 'sk-new', GATEWAY_MODEL: 'large' });
    const response = await gateway.chat(gateway.token());
    assert.equal(response.json.choices[0].message.content, 'from the new one');
    assert.equal(upstream.requests[0].headers.authorization, 'Bearer sk-new');
    assert.equal(upstream.requests[0].body.model, 'large');
  });

  test('what GATEWAY_JWKS holds', async (t) => {
    const gateway = await start(t);
    const [kid, key] = ['rotated', makeRsaKey()];
    const theirs = () => sign(goodHeader({ kid }), goodClaims(), key.privateKey);
    assert.equal((await models(gateway, { token: theirs() })).status, 401);
    writeFileSync(path.join(gateway.folder, 'trusted.json'), jwks([kid, key]));
    await reload(gateway);
    assert.equal((await models(gateway, { token: theirs() })).status, 200);
    assert.equal((await models(gateway, { token: gateway.token() })).status, 401, 'the one before is not in the file any more');
  });

  test('its own signing key: tokens of the one before are good as long as GATEWAY_JWKS has it', async (t) => {
    const gateway = await start(t);
    const mint = async () => (await gateway.mint()).json.jwt;
    const published = async () => (await gateway.request('GET', '/.well-known/jwks.json')).json.keys;
    const before = await mint();
    const old = (await published()).find(({ kid }) => kid === takeApart(before).header.kid);
    rmSync(path.join(gateway.folder, 'gateway.db.key.pem'));
    writeFileSync(path.join(gateway.folder, 'trusted.json'), JSON.stringify({ keys: [old] }));
    await reload(gateway);
    const later = await mint();
    assert.notEqual(takeApart(later).header.kid, takeApart(before).header.kid);
    for (const token of [before, later]) assert.equal((await models(gateway, { token })).status, 200);
    assert.deepEqual((await published()).map(({ kid }) => kid).sort(),
      [takeApart(before).header.kid, takeApart(later).header.kid].sort());
    writeFileSync(path.join(gateway.folder, 'trusted.json'), jwks([TRUSTED_KID, trustedKey]));
    await reload(gateway);
    assert.equal((await models(gateway, { token: before })).status, 401);
    assert.equal((await models(gateway, { token: later })).status, 200);
  });

  test('the path that it is below', async (t) => {
    const gateway = await start(t);
    await gateway.change({ GATEWAY_SITE_URL: 'https://chat.example.org/gateway' });
    const token = gateway.token();
    assert.equal((await models(gateway, { token })).status, 404);
    assert.equal((await gateway.request('GET', '/gateway/v1/models', { token })).status, 200);
  });
});

test('secrets of the environment stay', async (t) => {
  const gateway = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_UPSTREAM_KEY: 'sk-environment' } });
  t.after(() => gateway.stop());
  assert.match(await reload(gateway), /msg=reloaded/);
  assert.equal((await gateway.mint()).status, 200);
  upstream.always = replies.completion('well');
  await gateway.chat(gateway.token());
  assert.equal(upstream.requests[0].headers.authorization, 'Bearer sk-environment');
});

test('what is wrong is said, without secrets, and changes nothing', async (t) => {
  const gateway = await start(t);
  const log = await gateway.change({ GATEWAY_API_KEY: 'unlikely-secret', GATEWAY_TIERS: '1', GATEWAY_JWKS: '/no/such/file',
    GATEWAY_ALLOWED_ORIGINS: '*' });
  for (const name of ['GATEWAY_API_KEY', 'GATEWAY_TIERS', 'GATEWAY_JWKS', 'GATEWAY_ALLOWED_ORIGINS'])
    assert.match(log, new RegExp(`level=error .*detail="${name}: `));
  assert.match(log, /msg="not reloaded/);
  assert.ok(!gateway.stderr.includes('unlikely'));
  assert.equal((await gateway.mint()).status, 200);
  assert.equal((await models(gateway, { token: gateway.token(), headers: { origin: ORIGIN } })).get('access-control-allow-origin'), ORIGIN);
  assert.match(await gateway.change({}), /msg=reloaded/);
});

describe('streams', () => {
  test('that began before go on from the old upstream to their end', async (t) => {
    const other = await ScriptedUpstream.start();
    t.after(() => other.close());
    other.always = replies.completion('new');
    const gateway = await start(t, { GATEWAY_UPSTREAM_URL: upstream.url });
    let hands;
    upstream.next = [replies.byHand((given) => { hands = given; })];
    const exchange = await gateway.stream(gateway.token());
    await eventually(() => hands, 'the upstream was not asked');
    const pieces = exchange.chunks();
    hands.piece('one ');
    let text = '';
    while (!text.includes('one ')) text += (await pieces.next()).value;
    for (let round = 0; round < 3; round++) {
      assert.match(await gateway.change({ GATEWAY_UPSTREAM_URL: other.url, GATEWAY_ALLOWED_ORIGINS: `https://x${round}.example` }), /msg=reloaded/);
      assert.equal((await gateway.chat(gateway.token())).json.choices[0].message.content, 'new');
      hands.piece(`more${round} `);
      while (!text.includes(`more${round} `)) text += (await pieces.next()).value;
    }
    hands.done();
    for await (const piece of pieces) text += piece;
    assert.equal(replyOf(text), 'one more0 more1 more2 ');
    exchange.connection.close();
  });

  test('that began before keep a conversation no longer than a shorter GATEWAY_THREAD_DAYS says', async (t) => {
    const gateway = await start(t, { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_THREAD_DAYS: '365' });
    const days = () => sql(gateway.database, 'SELECT (expires_at - last_message_at) / 86400000.0 AS days FROM threads').map((row) => row.days);
    const ends = [['answered', (hands) => { hands.piece('fine'); hands.done(); }], ['fails', (hands) => hands.destroy()]];
    const streams = [];
    for (const [thread, end] of ends) {
      const person = chatter(gateway, { thread });
      upstream.next = [replies.completion('Hello')];
      await person.ask('Hello');
      streams.push({ end, ...(await byHand(upstream, person, 'And now?')) });
    }
    assert.deepEqual(days(), [365, 365]);
    await gateway.change({ GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_THREAD_DAYS: '2' });
    assert.deepEqual(days(), [2, 2]);
    for (const { end, hands, exchange } of streams) {
      end(hands);
      await exchange.response();
    }
    assert.deepEqual(days(), [2, 2]);
  });

  test('that nobody reads any more end also on an old generation', async (t) => {
    const gateway = await start(t, { GATEWAY_UPSTREAM_URL: upstream.url });
    let hands;
    upstream.next = [replies.byHand((given) => { hands = given; })];
    const exchange = await gateway.stream(gateway.token());
    await eventually(() => hands, 'the upstream was not asked');
    await reload(gateway);
    exchange.connection.close();
    assert.ok(await within(hands.seen.gone, 'the upstream still writes'));
  });
});

test('no request fails while it happens again and again', async (t) => {
  const gateway = await start(t, { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_TIERS: '1:100000,100000,10000000' });
  const load = underLoad(async (lane) => {
    const response = await gateway.chat(gateway.token(), question({ stream: lane % 2 === 0 }));
    assert.equal(response.status, 200, response.text);
  }, 3);
  upstream.always = (seen, response, socket) =>
    (seen.body.stream ? replies.stream(['Hello', ' there']) : replies.completion('Hello there'))(seen, response, socket);
  for (let round = 0; round < 10; round++) {
    // The tiers stay, or the limits would be met.
    await gateway.change({ GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: `model-${round}`,
      GATEWAY_TIERS: '1:100000,100000,10000000' });
    await eventually(() => upstream.requests.some(({ body }) => body.model === `model-${round}`), 'the load stands still');
  }
  assert.ok(await load.stop() >= 10);
  assert.doesNotMatch(gateway.stderr, /level=(error|warn)|abandoned/);
});

test('streams that go on keep their places: workers stay free for everything else', async (t) => {
  const gateway = await start(t, { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model' }); // four workers
  const streams = [];
  const hands = [];
  upstream.always = replies.byHand((given) => hands.push(given));
  for (let i = 0; i < 3; i++) streams.push(await gateway.stream(gateway.token()));
  await eventually(() => hands.length === 3, 'the upstream was not asked');
  assert.match(await gateway.change({}), /msg=reloaded/);
  assert.equal((await gateway.chat(gateway.token())).status, 503);
  assert.equal((await gateway.request('GET', '/healthz')).status, 200);
  for (const hand of hands) hand.done();
  for (const stream of streams) assert.equal((await stream.response()).status, 200);
  upstream.always = replies.completion('fine');
  assert.equal((await gateway.chat(gateway.token())).status, 200);
});
