// Minting at Behest: what is asked, and what becomes of each answer.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { remoteMinting, startApp } from '../lib/app.mjs';
import { eventually, isLogged } from '../lib/program.mjs';
import { ScriptedBehest, TOKEN, answers } from '../lib/scripted-behest.mjs';

const KEY = 'behest_sk_live_0123456789abcdefSECRET';
const SID = '11111111-2222-4333-8444-555555555555';
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const behest = await ScriptedBehest.start();
after(() => behest.close());
const app = await startApp({ env: remoteMinting(`${behest.url}/`, ` ${KEY}\n`) });
after(() => app.stop());
beforeEach(() => behest.reset());

const client = app.client();
await client.join();
const mint = (args = {}) => client.post('behest.mint', { args });

test('what Behest is asked', async () => {
  const { sessionId } = await client.call('behest.mint');
  assert.equal(behest.requests.length, 1);
  const [{ method, url, headers, body }] = behest.requests;
  assert.equal(method, 'POST');
  assert.equal(url, '/v1/auth/mint');
  assert.equal(headers.authorization, `Bearer ${KEY}`);
  assert.match(headers['content-type'], /^application\/json/);
  assert.equal(headers.cookie, undefined);
  assert.deepEqual(body, { user_id: client.id, role: 'user', ttl: 900, session_id: sessionId, tier: 1 });
  assert.match(sessionId, UUID4);
});

test('the base URL may have a path', async (t) => {
  const other = await startApp({ env: remoteMinting(`${behest.url}/gateway/eu`) });
  t.after(() => other.stop());
  const visitor = other.client();
  await visitor.join();
  const { baseUrl } = await visitor.call('behest.mint');
  assert.equal(behest.requests[0].url, '/gateway/eu/v1/auth/mint');
  assert.equal(baseUrl, `${behest.url}/gateway/eu`);
});

describe('answers that are a token', () => {
  const shapes = {
    'jwt, ttl, session_id': [{ jwt: TOKEN, ttl: 600, session_id: SID }, { ttl: 600, sessionId: SID }],
    'access_token, expires_in': [{ access_token: TOKEN, expires_in: 700, token_type: 'Bearer' }, { ttl: 700 }],
    'jwt alone': [{ jwt: TOKEN }, { ttl: 900 }],
    'access_token alone': [{ access_token: TOKEN }, { ttl: 900 }],
    'all there is': [{ jwt: TOKEN, access_token: TOKEN, ttl: 800, expires_in: 800, session_id: SID, project_id: 'p',
      token_type: 'Bearer', new: { x: [1] } }, { ttl: 800, sessionId: SID }],
    'nulls for what is not there': [{ jwt: TOKEN, ttl: null, session_id: null, expires_in: null }, { ttl: 900 }],
  };
  for (const [name, [answer, expected]] of Object.entries(shapes)) {
    test(name, async () => {
      behest.always = answers.json(answer);
      const now = Date.now() / 1000;
      const { data } = (await mint()).json;
      assert.deepEqual(Object.keys(data).sort(), ['baseUrl', 'expiresAt', 'sessionId', 'token', 'ttl']);
      assert.equal(data.token, TOKEN);
      assert.equal(data.ttl, expected.ttl);
      assert.equal(data.sessionId, expected.sessionId ?? behest.requests[0].body.session_id);
      assert.equal(data.baseUrl, behest.url);
      assert.ok(Number.isInteger(data.expiresAt) && Math.abs(data.expiresAt - now - expected.ttl) < 5);
    });
  }
  test('201 and another JSON type', async () => {
    behest.always = answers.text(JSON.stringify({ jwt: TOKEN }), 201, { 'content-type': 'application/vnd.api+json' });
    assert.equal((await mint()).status, 200);
  });
  test('in chunks', async () => {
    behest.always = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(`{"jwt":"${TOKEN.slice(0, 9)}`);
      setTimeout(() => response.end(`${TOKEN.slice(9)}"}`), 50);
    };
    assert.equal((await mint()).json.data.token, TOKEN);
  });
});

describe('answers that are none', () => {
  const cases = {
    // name: [behaviour, status, what the operator reads in the log]
    400: [answers.error(400), 502],
    401: [answers.error(401), 502, /key refused/],
    402: [answers.error(402), 402],
    403: [answers.error(403), 502],
    404: [answers.error(404), 502],
    409: [answers.error(409), 502],
    500: [answers.error(500), 502],
    502: [answers.text('<html>bad gateway</html>', 502), 502],
    503: [answers.error(503, { 'retry-after': '3' }), 502],
    504: [answers.error(504), 502],
    'a redirect': [answers.redirect('/elsewhere'), 502],
    'a redirect with a token in it': [answers.json({ jwt: TOKEN }, 302, { location: '/elsewhere' }), 502],
    'no JSON': [answers.text('jwt'), 502],
    'an HTML page': [answers.text('<!doctype html><title>Sign in</title>', 200, { 'content-type': 'text/html' }), 502],
    'half JSON': [answers.text('{"jwt":"x"', 200, { 'content-type': 'application/json' }), 502],
    'an array': [answers.json([{ jwt: TOKEN }]), 502],
    null: [answers.json(null), 502],
    'nothing': [answers.text(''), 502],
    'no content': [(_, response) => response.writeHead(204).end(), 502],
    'no token': [answers.json({ ttl: 900 }), 502],
    'an empty token': [answers.json({ jwt: '' }), 502],
    'a token of null': [answers.json({ jwt: null }), 502],
    'a token that is a number': [answers.json({ jwt: 5 }), 502],
    'a token with a line feed': [answers.json({ jwt: 'a\r\nX-Injected: 1' }), 502],
    'over 64 KiB': [answers.json({ jwt: TOKEN, pad: 'x'.repeat(65_536) }), 502],
    'over 64 KiB without end': [(_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 5);
      response.on('close', () => clearInterval(timer));
    }, 502],
    'deeply nested JSON': [answers.text(`{"jwt":"${TOKEN}","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`), 502],
    'cut in the middle': [answers.cut(), 502],
  };
  for (const [name, [behaviour, status, log]] of Object.entries(cases)) {
    test(`${name}: ${status}`, async () => {
      behest.always = behaviour;
      const logged = app.stderr.length;
      const response = await mint();
      assert.equal(response.status, status, response.text);
      assert.match(response.get('content-type'), /^text\/plain/);
      assert.equal(response.get('cache-control'), 'no-store');
      assert.match(response.text, /^[A-Z].{10,}$/);
      assert.doesNotMatch(response.text, /behest_sk|script|127\.0\.0\.1|<|undefined/, 'what Behest said stays here');
      assert.equal(behest.requests.length, 1, 'an answer is an answer: not asked again');
      if (log) await eventually(() => log.test(app.stderr.slice(logged)), `no ${log} in the log`);
      behest.always = answers.token();
      assert.equal((await mint()).status, 200, 'the next one is well');
    });
  }
  test('a redirect is not followed', async () => {
    behest.always = answers.redirect(`${behest.url}/v1/auth/mint`);
    await mint();
    assert.equal(behest.requests.length, 1);
  });
});

describe('429', () => {
  for (const [name, headers, expected] of [
    ['with Retry-After in seconds', { 'retry-after': '17' }, (seconds) => seconds === 17],
    ['with Retry-After as a date', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() },
      (seconds) => seconds >= 1 && seconds <= 61],
    ['without', {}, (seconds) => seconds >= 1],
    ['with nonsense', { 'retry-after': 'soon' }, (seconds) => seconds >= 1],
    ['with a negative number', { 'retry-after': '-5' }, (seconds) => seconds >= 1],
  ]) {
    test(name, async () => {
      behest.always = answers.error(429, headers);
      const response = await mint();
      assert.equal(response.status, 429);
      assert.match(response.get('retry-after') ?? '', /^\d+$/);
      assert.ok(expected(Number(response.get('retry-after'))), response.get('retry-after'));
      assert.equal(behest.requests.length, 1);
    });
  }
});

test('an answer of exactly 64 KiB is taken', async () => {
  const empty = JSON.stringify({ jwt: TOKEN, pad: '' }).length;
  behest.always = answers.json({ jwt: TOKEN, pad: 'x'.repeat(65_536 - empty) });
  assert.equal((await mint()).status, 200);
});

test('the key is in no answer and in no log line', async () => {
  for (const behaviour of [answers.error(401), answers.json({ error: KEY }, 500), answers.text(KEY), answers.json({ jwt: KEY })]) {
    behest.always = behaviour;
    await mint();
  }
  behest.always = answers.text(KEY, 403);
  assert.ok(!(await mint()).text.includes(KEY));
  await isLogged(app);
  assert.ok(!app.stderr.includes('behest_sk_live'), 'stderr');
  assert.ok(!app.stderr.includes(TOKEN), 'nor is the token');
  assert.ok(!app.stdout.includes('behest_sk_live'), 'stdout');
});
