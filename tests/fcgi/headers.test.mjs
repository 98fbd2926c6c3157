// The security headers, on every answer.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';

const app = await startApp({ env: { BEHEST_BASE_URL: 'https://gateway.example.net:8443/behest/' } });
after(() => app.stop());

const METHOD = '/api/_internal/method/';
const TYPE = { 'content-type': 'application/json' };

async function answersOfAllKinds(options) {
  const client = app.client(options);
  await client.join();
  const kinds = [
    ['GET', '/'], ['GET', '/signin'], ['HEAD', '/'], ['GET', '/assets/app-3F2A9C1D.js'], ['GET', '/healthz'],
    ['GET', '/nothing'], ['GET', '/%2e%2e/x'], ['POST', '/'], ['PUT', `${METHOD}behest.mint`],
    ['POST', `${METHOD}no.such`, { body: '{}', headers: TYPE }],
    ['POST', `${METHOD}_system.session.init`, { body: '{', headers: TYPE }],
    ['POST', `${METHOD}_system.session.init`, { body: '{}', headers: TYPE }],
    ['POST', `${METHOD}_system.session.init`, { body: '{}' }],
    ['POST', `${METHOD}_system.session.init`, { body: 'x'.repeat(70_000), headers: TYPE }],
    ['POST', `${METHOD}_system.session.init`, { body: '{}', headers: { ...TYPE, origin: 'http://evil.example' } }],
    ['POST', `${METHOD}behest.mint`, { body: '{}', headers: TYPE }],
    ['POST', '/api/behest/token'],
    ['POST', '/api/behest/token', { headers: { cookie: 'authToken=x' } }],
    ['OPTIONS', '/'],
  ];
  const answers = [];
  for (const [verb, path, more] of kinds) answers.push([`${verb} ${path}`, await client.request(verb, path, more)]);
  const etag = answers[0][1].get('etag');
  const known = await client.get('/', { headers: { 'if-none-match': etag } });
  assert.equal(known.status, 304);
  return [...answers, ['304', known]];
}

test('the content security policy', async () => {
  const policy = (await app.client().get('/')).get('content-security-policy');
  const directives = Object.fromEntries(policy.split(';').map((part) => part.trim().split(/\s+(.*)/).slice(0, 2)));
  assert.deepEqual(directives, {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data:",
    'font-src': "'self'",
    'connect-src': "'self' https://gateway.example.net:8443",
    'manifest-src': "'self'",
    'base-uri': "'self'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
  });
});

test('they are on all answers', async () => {
  const policy = (await app.client().get('/')).get('content-security-policy');
  for (const [what, response] of await answersOfAllKinds()) {
    assert.deepEqual(response.all('content-security-policy'), [policy], what);
    assert.deepEqual(response.all('x-content-type-options'), ['nosniff'], what);
    assert.equal(response.all('referrer-policy').length, 1, what);
    assert.match(response.get('referrer-policy'), /^(no-referrer|same-origin|strict-origin(-when-cross-origin)?)$/, what);
    assert.equal(response.get('strict-transport-security'), undefined, `${what}: HSTS has no meaning over HTTP`);
    assert.equal(response.get('server'), undefined, what);
    assert.equal(response.get('x-powered-by'), undefined, what);
    assert.equal(response.all('status').length, 1, `${what}: Status is always there, once`);
  }
});

test('HSTS on HTTPS', async () => {
  for (const [what, response] of await answersOfAllKinds({ https: true })) {
    const [, seconds] = /max-age=(\d+)/.exec(response.get('strict-transport-security') ?? '') ?? [];
    assert.ok(Number(seconds) >= 15_552_000, what);
  }
});

test('answers about a person are in no cache', async () => {
  for (const [what, response] of await answersOfAllKinds())
    if (what.includes('/api/')) assert.match(response.get('cache-control') ?? '', /no-store/, what);
});

test('what a request says is not in the headers of the answer', async () => {
  const client = app.client();
  const response = await client.get('/a%0d%0aSet-Cookie:%20x=y', { query: 'a=%0d%0aX-Query:1',
    headers: { 'x-echo': 'a\r\nX-Header: 1', 'user-agent': 'a\nX-Agent: 1' } });
  for (const name of ['set-cookie', 'x-query', 'x-header', 'x-agent']) assert.equal(response.get(name), undefined);
});
