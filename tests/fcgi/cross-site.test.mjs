// Requests that change state are refused when the browser says that another site sent them.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';

const app = await startApp();
after(() => app.stop());
const site = await startApp({ env: { CHAT_SITE_URL: 'https://chat.example.org' } });
after(() => site.stop());

const HTTP = { host: 'chat.example.org' };
const HTTPS = { host: 'chat.example.org', https: true };
const PORT = { host: 'chat.example.org:8080' };

const cases = [
  // [client, headers, allowed]
  [HTTP, {}, true],
  [HTTP, { origin: 'http://chat.example.org' }, true],
  [HTTP, { origin: 'http://chat.example.org', 'sec-fetch-site': 'same-origin' }, true],
  [HTTP, { 'sec-fetch-site': 'same-origin' }, true],
  [HTTP, { 'sec-fetch-site': 'none' }, true],
  [HTTPS, { origin: 'https://chat.example.org', 'sec-fetch-site': 'same-origin' }, true],
  [PORT, { origin: 'http://chat.example.org:8080' }, true],
  [HTTP, { origin: 'null' }, false],
  [HTTP, { origin: 'http://evil.example.org' }, false],
  [HTTP, { origin: 'http://chat.example.org.evil.org' }, false],
  [HTTP, { origin: 'http://chat.example.or' }, false],
  [HTTP, { origin: 'http://evilchat.example.org' }, false],
  [HTTP, { origin: 'http://chat.example.org@evil.org' }, false],
  [HTTP, { origin: 'http://chat.example.org/' }, false],
  [HTTP, { origin: 'http://chat.example.org:8080' }, false],
  [PORT, { origin: 'http://chat.example.org' }, false],
  [PORT, { origin: 'http://chat.example.org:9090' }, false],
  [HTTPS, { origin: 'http://chat.example.org' }, false],
  [HTTP, { origin: 'file://' }, false],
  [HTTP, { 'sec-fetch-site': 'cross-site' }, false],
  [HTTP, { 'sec-fetch-site': 'same-site' }, false],
  [HTTP, { origin: 'http://chat.example.org', 'sec-fetch-site': 'cross-site' }, false],
  [HTTP, { origin: 'http://evil.example.org', 'sec-fetch-site': 'same-origin' }, false],
];

describe('a method call', () => {
  for (const [options, headers, allowed] of cases) {
    test(`${options.https ? 'https' : 'http'}://${options.host} ${JSON.stringify(headers)}: ${allowed ? 'allowed' : 'refused'}`,
      async () => {
      const response = await app.client(options).post('_system.session.init', { args: {} }, { headers });
      assert.equal(response.status, allowed ? 200 : 403, response.text);
      if (!allowed) assert.match(response.get('content-type'), /^text\/plain/);
    });
  }
});

test('a refused sign-up makes no account, a refused sign-out ends nothing', async () => {
  const client = app.client();
  await client.join();
  const users = app.sql('SELECT count(*) AS n FROM users')[0].n;
  const evil = { headers: { origin: 'http://evil.example.org', 'sec-fetch-site': 'cross-site' } };
  const signUp = await app.client().post('_system.user.signupWithPassword',
    { args: { email: 'forged@example.org', password: 'correct horse' } }, evil);
  assert.equal(signUp.status, 403);
  assert.equal(app.sql('SELECT count(*) AS n FROM users')[0].n, users);
  assert.equal((await client.post('_system.user.logout', { args: {} }, evil)).status, 403);
  await client.call('_system.user.getOwnProfile');
});

test('the token route refuses as well', async () => {
  const client = app.client();
  await client.join();
  const evil = await client.request('POST', '/api/behest/token', { headers: { origin: 'http://evil.example.org' } });
  assert.equal(evil.status, 403);
  assert.ok(!evil.text.includes('eyJ'));
  assert.equal((await client.request('POST', '/api/behest/token', { headers: { origin: client.origin } })).status, 200);
});

test('a link from elsewhere opens the page', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  assert.equal((await app.client().get('/', { headers })).status, 200);
});

test('no answer carries permission for another origin', async () => {
  const evil = { headers: { origin: 'http://evil.example.org' } };
  for (const response of [
    await app.client().post('_system.session.init', { args: {} }, evil),
    await app.client().get('/', evil),
    await app.client().request('OPTIONS', '/api/_internal/method/behest.mint',
      { headers: { ...evil.headers, 'access-control-request-method': 'POST' } }),
  ]) assert.equal(response.get('access-control-allow-origin'), undefined);
});

test("with CHAT_SITE_URL that site's origin is the only one", async () => {
  const internal = { host: 'backend.internal:8000' };
  const status = async (origin) => (await site.client(internal).post('_system.session.init', { args: {} },
    { headers: { origin } })).status;
  assert.equal(await status('https://chat.example.org'), 200);
  assert.equal(await status('http://chat.example.org'), 403);
  assert.equal(await status('https://chat.example.org:8443'), 403);
  assert.equal(await status('http://backend.internal:8000'), 403);
});

test('the address of the site may be written with the port that its scheme has anyway', async (t) => {
  const written = await startApp({ env: { CHAT_SITE_URL: 'https://Chat.example.org:443/' } });
  t.after(() => written.stop());
  const client = written.client({ https: true });
  const response = await client.post('_system.session.init', undefined, { headers: { origin: 'https://chat.example.org' } });
  assert.equal(response.status, 200);
});
