// CORS: listed origins only, exactly as listed, on every answer.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { ORIGIN, OTHER_ORIGIN, startGateway } from '../lib/gateway.mjs';

const gateway = await startGateway();
after(() => gateway.stop());

const SDK_HEADERS = ['authorization', 'content-type', 'x-session-id', 'x-thread-id', 'x-stainless-arch', 'x-stainless-lang',
  'x-stainless-os',
  'x-stainless-package-version', 'x-stainless-retry-count', 'x-stainless-runtime', 'x-stainless-runtime-version', 'x-stainless-timeout', 'x-stainless-helper-method'];

const list = (value) => (value ?? '').toLowerCase().split(/\s*,\s*/).filter(Boolean);

function preflight(origin, path = '/v1/chat/completions', method = 'POST', headers = SDK_HEADERS) {
  return gateway.request('OPTIONS', path, { headers: {
    ...(origin === undefined ? {} : { origin }), 'access-control-request-method': method, 'access-control-request-headers': headers.join(',') } });
}

describe('a preflight', () => {
  for (const origin of [ORIGIN, OTHER_ORIGIN]) {
    test(`of ${origin} is answered in full`, async () => {
      const response = await preflight(origin);
      assert.ok([200, 204].includes(response.status));
      assert.equal(response.body.length, 0);
      assert.deepEqual(response.all('access-control-allow-origin'), [origin]);
      assert.ok(list(response.get('vary')).includes('origin'));
      const methods = list(response.get('access-control-allow-methods'));
      for (const method of ['get', 'post', 'delete']) assert.ok(methods.includes(method), method);
      const headers = list(response.get('access-control-allow-headers'));
      for (const header of SDK_HEADERS) assert.ok(headers.includes(header), header);
      assert.ok(Number(response.get('access-control-max-age')) > 0);
      assert.match(response.get('x-trace-id') ?? '', /\S/);
      assert.notEqual(response.get('access-control-allow-credentials'), 'true');
    });
  }
  test('needs no token, and none is asked for', async () => {
    assert.ok((await preflight(ORIGIN)).status < 300);
  });
  test('is answered for every path of the data plane', async () => {
    for (const path of ['/v1/models', '/v1/chat/completions'])
      assert.deepEqual((await preflight(ORIGIN, path, 'GET')).all('access-control-allow-origin'), [ORIGIN], path);
  });
  test('of nobody gives nothing away', async () => {
    assert.equal((await preflight(undefined)).get('access-control-allow-origin'), undefined);
  });
});

const nearMisses = [
  'http://localhost:3001', 'http://localhost', 'https://localhost:3000', 'http://localhost:3000/', 'http://LOCALHOST:3000', 'HTTP://localhost:3000',
  'http://localhost:30000', 'http://localhost:300', 'http://127.0.0.1:3000', 'http://a.localhost:3000', 'http://localhost:3000.evil.org', 'http://localhost.evil.org:3000',
  ' http://localhost:3000', 'http://localhost:3000 ', 'http://localhost:3000, https://chat.example.org', 'null', '*', '', 'file://', 'chat.example.org', 'https://chat.example.org:443',
  'https://evilchat.example.org', 'https://chat.example.org.', 'https://chat-example.org', 'https://user@chat.example.org',
];

describe('an origin that is not listed', () => {
  for (const origin of nearMisses) {
    test(JSON.stringify(origin), async () => {
      for (const response of [await preflight(origin), await gateway.request('GET', '/v1/models',
        { token: gateway.token(), headers: { origin } })]) {
        assert.equal(response.get('access-control-allow-origin'), undefined);
        assert.equal(response.get('access-control-allow-headers'), undefined);
        assert.ok(list(response.get('vary')).includes('origin'), 'a cache must not mix them up');
      }
    });
  }
});

describe('every answer to a listed origin can be read by its page', () => {
  const headers = { origin: ORIGIN };
  const token = () => gateway.token();
  const answers = {
    200: () => gateway.chat(token(), undefined, { headers }),
    'a list of models': () => gateway.request('GET', '/v1/models', { token: token(), headers }),
    'the keys': () => gateway.request('GET', '/.well-known/jwks.json', { headers }),
    400: () => gateway.chat(token(), {}, { headers }),
    'broken JSON': () => gateway.request('POST', '/v1/chat/completions', { token: token(), body: '{',
      headers: { ...headers, 'content-type': 'application/json' } }),
    401: () => gateway.chat('x', undefined, { headers }),
    404: () => gateway.request('GET', '/v1/nothing', { token: token(), headers }),
    405: () => gateway.request('PUT', '/v1/chat/completions', { token: token(), headers, body: '{}' }),
    413: () => gateway.request('POST', '/v1/chat/completions', { token: token(), headers, body: ' '.repeat(20 << 20) }),
    415: () => gateway.request('POST', '/v1/chat/completions', { token: token(),
      headers: { ...headers, 'content-type': 'text/plain' }, body: '{}' }),
    'a path that is not valid': () => gateway.request('GET', '/%2e%2e/x', { token: token(), headers }),
    'threads, which come later': () => gateway.request('GET', '/v1/threads', { token: token(), headers }),
  };
  for (const [name, send] of Object.entries(answers)) {
    test(name, async () => {
      const response = await send();
      if (/^\d+$/.test(name)) assert.equal(response.status, Number(name), response.text);
      assert.deepEqual(response.all('access-control-allow-origin'), [ORIGIN]);
      const exposed = list(response.get('access-control-expose-headers'));
      for (const header of ['x-trace-id', 'retry-after']) assert.ok(exposed.includes(header), header);
      assert.ok(list(response.get('vary')).includes('origin'));
      assert.match(response.get('x-trace-id') ?? '', /^\S{8,}$/);
    });
  }
  test('a stream', async () => {
    const exchange = await gateway.stream(token(), undefined, { headers });
    const head = await exchange.head();
    assert.equal(head.get('access-control-allow-origin'), ORIGIN);
    assert.match(head.get('x-trace-id'), /\S/);
    await exchange.response();
  });
});

test('nobody is listed by default', async () => {
  const closed = await startGateway({ env: { GATEWAY_ALLOWED_ORIGINS: undefined } });
  const response = await closed.request('GET', '/v1/models', { token: closed.token(), headers: { origin: ORIGIN } });
  assert.equal(response.status, 200);
  assert.equal(response.get('access-control-allow-origin'), undefined);
  await closed.stop();
});
