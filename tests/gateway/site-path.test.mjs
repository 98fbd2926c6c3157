// The gateway below a path of a site that others share.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { ORIGIN, TRUSTED_KID, events, question, replyOf, startGateway } from '../lib/gateway.mjs';
import { healthy } from '../lib/program.mjs';

const gateway = await startGateway({ env: { GATEWAY_SITE_URL: 'https://chat.example.org/gateway/' } });
after(() => gateway.stop());

const below = (path) => `/gateway${path}`;
const ask = (path, body = question()) => gateway.request('POST', path, { token: gateway.token(), json: body });

describe('below its path', () => {
  test('completions', async () => {
    const response = await ask(below('/v1/chat/completions'));
    assert.equal(response.status, 200, response.text);
    assert.ok(response.json.choices[0].message.content.length > 0);
  });
  test('completions that stream', async () => {
    const { status, text } = await ask(below('/v1/chat/completions'), question({ stream: true }));
    assert.equal(status, 200);
    assert.equal(events(text).pop(), '[DONE]');
    assert.ok(replyOf(text).length > 0);
  });
  test('models', async () => {
    const response = await gateway.request('GET', below('/v1/models'), { token: gateway.token() });
    assert.equal(response.status, 200);
    assert.ok(response.json.data.length > 0);
  });
  test('keys', async () => {
    const { json } = await gateway.request('GET', below('/.well-known/jwks.json'));
    assert.ok(json.keys.some(({ kid }) => kid === TRUSTED_KID));
  });
  test('minting, and a token from there', async () => {
    const minted = await gateway.request('POST', below('/v1/auth/mint'), { token: gateway.settings.GATEWAY_API_KEY,
      json: { user_id: 'ada' } });
    assert.equal(minted.status, 200, minted.text);
    const response = await gateway.request('GET', below('/v1/models'), { token: minted.json.jwt });
    assert.equal(response.status, 200);
  });
  test('a preflight', async () => {
    const response = await gateway.request('OPTIONS', below('/v1/chat/completions'), { headers: {
      origin: ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' } });
    assert.equal(response.status, 204);
    assert.equal(response.get('access-control-allow-origin'), ORIGIN);
    assert.match(response.get('access-control-allow-methods'), /POST/);
  });
  test('whatever else there is none of', async () => {
    for (const path of ['', '/', '/v1', '/v1/nothing', '/gateway/v1/models'])
      assert.equal((await gateway.request('GET', below(path), { token: gateway.token() })).status, 404, path);
  });
});

describe('outside of it there is nothing', () => {
  for (const path of ['/v1/models', '/gatewayv1/models', '/gateways/v1/models', '/GATEWAY/v1/models', '/other/gateway/v1/models',
    '/.well-known/jwks.json', '/', '//gateway/v1/models']) {
    test(path, async () => {
      const response = await gateway.request('GET', path, { token: gateway.token(), headers: { origin: ORIGIN } });
      assert.equal(response.status, 404);
      assert.equal(response.json.error.code, 'not_found');
      assert.equal(response.get('access-control-allow-origin'), ORIGIN, 'a page can read the answer');
    });
  }
  test('also for who would mint or chat', async () => {
    assert.equal((await ask('/v1/chat/completions')).status, 404);
    assert.equal((await gateway.mint()).status, 404);
  });
  test('but its health can be asked directly', async () => {
    assert.ok(await healthy(gateway.address));
    assert.equal((await gateway.request('GET', below('/healthz'))).text, 'ok\n');
  });
});
