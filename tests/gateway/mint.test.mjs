// POST /v1/auth/mint, and the keys at /.well-known/jwks.json.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import * as jose from 'jose';
import { remoteMinting, startApp } from '../lib/app.mjs';
import { API_KEY, TRUSTED_KID, startGateway, trustedKey } from '../lib/gateway.mjs';
import { localSigning, takeApart } from '../lib/keys.mjs';
import { startLighttpd } from '../lib/lighttpd.mjs';
import { temporaryFolder } from '../lib/program.mjs';

const gateway = await startGateway();
after(() => gateway.stop());
const web = await startLighttpd(gateway.address);
after(() => web.stop());

const SID = '0b0e1f52-6a5c-4d1e-9f0a-3c2b1a0f9e8d';
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CHECKS = { issuer: 'https://api.behest.ai', audience: 'behest', algorithms: ['RS256'] };
const jwksUrl = new URL(`${web.url}/.well-known/jwks.json`);

function isError(response, status, code) {
  assert.equal(response.status, status, response.text);
  assert.match(response.get('content-type'), /^application\/json/);
  assert.equal(response.json.error.code, code);
  assert.ok(response.json.error.message.length > 5);
  assert.match(response.get('x-trace-id'), /^\S{8,}$/);
}

test('what a mint answers', async () => {
  const response = await gateway.mint({ user_id: 'somebody', role: 'user', ttl: 900, session_id: SID, tier: 2 });
  assert.equal(response.status, 200, response.text);
  assert.equal(response.get('cache-control'), 'no-store');
  const { jwt, ttl, session_id: sid } = response.json;
  assert.deepEqual([ttl, sid], [900, SID]);
  const { payload, protectedHeader } = await jose.jwtVerify(jwt, jose.createRemoteJWKSet(jwksUrl), CHECKS);
  assert.deepEqual([payload.uid, payload.role, payload.sid, payload.tier, payload.exp - payload.iat],
    ['somebody', 'user', SID, 2, 900]);
  assert.ok(protectedHeader.kid);
  assert.deepEqual(Object.keys(takeApart(jwt).payload), ['tid', 'pid', 'uid', 'role', 'scp', 'iss', 'aud', 'iat', 'nbf', 'exp',
    'jti', 'sid', 'tier']);
});

test('what is left out is filled in', async () => {
  const response = await gateway.request('POST', '/v1/auth/mint', { token: API_KEY, json: { user_id: 'somebody' } });
  assert.equal(response.status, 200, response.text);
  assert.match(response.json.session_id, UUID4);
  assert.ok(response.json.ttl >= 60);
  const { payload } = takeApart(response.json.jwt);
  assert.equal(payload.exp - payload.iat, response.json.ttl);
});

test('the older address', async () => {
  const response = await gateway.request('POST', '/auth/v1/auth/mint', { token: API_KEY, json: { user_id: 'somebody' } });
  assert.equal(response.status, 200);
});

test('a minted token is taken', async () => {
  const { jwt } = (await gateway.mint()).json;
  assert.equal((await gateway.request('GET', '/v1/models', { token: jwt })).status, 200);
});

describe('without the key', () => {
  for (const [name, headers] of Object.entries({
    none: {},
    'another key': { authorization: `Bearer ${API_KEY}x` },
    'the beginning of it': { authorization: `Bearer ${API_KEY.slice(0, -1)}` },
    'in another case': { authorization: `Bearer ${API_KEY.toUpperCase()}` },
    'as a password': { authorization: `Basic ${Buffer.from(`x:${API_KEY}`).toString('base64')}` },
    'without Bearer': { authorization: API_KEY },
    'in another header': { 'x-api-key': API_KEY },
    empty: { authorization: 'Bearer ' },
  })) {
    test(`${name}: 401`, async () => {
      isError(await gateway.request('POST', '/v1/auth/mint', { json: { user_id: 'x' }, headers }), 401, 'invalid_token');
    });
  }
  test("a user's token is no key", async () => {
    isError(await gateway.request('POST', '/v1/auth/mint', { json: { user_id: 'x' }, token: gateway.token() }), 401,
      'invalid_token');
  });
  test('the key is no token', async () => {
    isError(await gateway.request('GET', '/v1/models', { token: API_KEY }), 401, 'invalid_token');
  });
});

describe('refused with 400', () => {
  for (const [name, change] of Object.entries({
    'no user id': { user_id: undefined },
    'an empty user id': { user_id: '' },
    'a blank user id': { user_id: '   ' },
    'a user id that is a number': { user_id: 5 },
    'a user id of null': { user_id: null },
    'a user id of 256 characters': { user_id: 'u'.repeat(256) },
    'a user id with a line feed': { user_id: 'a\nb' },
    'a user id with a NUL': { user_id: 'a\u0000b' },
    'the reserved admin': { user_id: 'admin' },
    'the reserved system': { user_id: 'System' },
    'the reserved dashboard-service': { user_id: 'dashboard-service' },
    'another role': { role: 'admin' },
    'a ttl of 59': { ttl: 59 },
    'a ttl of 86401': { ttl: 86401 },
    'a ttl that is text': { ttl: '900' },
    'a ttl with a fraction': { ttl: 900.5 },
    'a tier of 0': { tier: 0 },
    'a tier that is text': { tier: 'pro' },
    'a session id that is no UUID': { session_id: 'x' },
  })) {
    test(name, async () => isError(await gateway.mint(change), 400, 'validation_error'));
  }
  for (const body of ['', '{', '[]', 'null', '"x"']) {
    test(`the body ${JSON.stringify(body)}`, async () => {
      const response = await gateway.request('POST', '/v1/auth/mint', { token: API_KEY, body,
        headers: { 'content-type': 'application/json' } });
      isError(response, 400, 'validation_error');
    });
  }
});

test('limits of what is taken', async () => {
  for (const change of [{ user_id: 'u'.repeat(255) }, { ttl: 60 }, { ttl: 86400 }, { user_id: 'administrator2' },
    { user_id: '\u{1f600}' }])
    assert.equal((await gateway.mint(change)).status, 200, JSON.stringify(change));
});

describe('the keys', () => {
  test('are public halves only', async () => {
    const response = await fetch(jwksUrl);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^application\/(json|jwk-set\+json)/);
    const { keys } = await response.json();
    assert.ok(keys.some(({ kid }) => kid === TRUSTED_KID), 'those of GATEWAY_JWKS too');
    assert.ok(keys.length >= 2);
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name)), []);
      assert.deepEqual([key.kty, key.alg, key.use], ['RSA', 'RS256', 'sig']);
      await jose.importJWK(key, 'RS256');
    }
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length);
  });
  test('the own one stays over a restart, and its file is private', async () => {
    const folder = temporaryFolder();
    const first = await startGateway({ folder });
    const { jwt } = (await first.mint()).json;
    const published = (await first.request('GET', '/.well-known/jwks.json')).json;
    await first.stop();
    const keyFile = `${first.database}.key.pem`;
    assert.match(readFileSync(keyFile, 'utf8'), /PRIVATE KEY/);
    assert.equal((statSync(keyFile).mode & 0o777).toString(8), '600');
    const second = await startGateway({ folder });
    assert.deepEqual((await second.request('GET', '/.well-known/jwks.json')).json, published);
    assert.equal((await second.request('GET', '/v1/models', { token: jwt })).status, 200);
    await second.stop();
  });
  test('eight processes that start at once make one key', async () => {
    const folder = temporaryFolder();
    const gateways = await Promise.all(Array.from({ length: 8 }, () => startGateway({ folder, args: ['--threads', '2'] })));
    const sets = await Promise.all(gateways.map((one) => one.request('GET', '/.well-known/jwks.json')));
    assert.equal(new Set(sets.map(({ text }) => text)).size, 1);
    const { jwt } = (await gateways[0].mint()).json;
    assert.equal((await gateways[7].request('GET', '/v1/models', { token: jwt })).status, 200);
    await Promise.all(gateways.map((one) => one.stop()));
  });
  test('an own key file is used', async () => {
    const folder = temporaryFolder();
    const donor = await startGateway();
    const published = (await donor.request('GET', '/.well-known/jwks.json')).json.keys;
    await donor.stop();
    const other = await startGateway({ folder, env: { GATEWAY_SIGNING_KEY: `${donor.database}.key.pem`,
      GATEWAY_JWKS: undefined } });
    const { keys } = (await other.request('GET', '/.well-known/jwks.json')).json;
    assert.equal(keys.length, 1);
    assert.ok(published.some(({ n }) => n === keys[0].n));
    await other.stop();
  });
});

describe('tokens of behest-fcgi', () => {
  test('minted here: verified by the JWKS, taken by the gateway', async () => {
    const app = await startApp({ env: remoteMinting(web.url, API_KEY) });
    const client = app.client();
    const id = await client.join();
    const { token, baseUrl, sessionId, ttl } = await client.call('behest.mint');
    assert.equal(baseUrl, web.url);
    assert.equal(ttl, 900);
    const { payload } = await jose.jwtVerify(token, jose.createRemoteJWKSet(jwksUrl), CHECKS);
    assert.deepEqual([payload.uid, payload.sid, payload.tier], [id, sessionId, 1]);
    assert.equal((await gateway.chat(token)).status, 200);
    await app.stop();
  });
  test('signed locally: verified by the JWKS, taken by the gateway', async () => {
    const app = await startApp({ env: { ...localSigning(trustedKey, { BEHEST_KID: TRUSTED_KID }), BEHEST_BASE_URL: web.url } });
    const client = app.client();
    const id = await client.join();
    const { token } = await client.call('behest.mint');
    const { payload } = await jose.jwtVerify(token, jose.createRemoteJWKSet(jwksUrl), CHECKS);
    assert.equal(payload.uid, id);
    assert.equal((await gateway.chat(token)).status, 200);
    await app.stop();
  });
  test('with a wrong API key the mint is a 502, and the operator reads why', async () => {
    const app = await startApp({ env: remoteMinting(web.url, `${API_KEY}x`) });
    const client = app.client();
    await client.join();
    assert.equal((await client.post('behest.mint')).status, 502);
    await app.seen(/key refused/);
    await app.stop();
  });
});
