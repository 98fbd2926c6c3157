// behest.checkGateway: why the browser cannot use the gateway, found out from here.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { remoteMinting, startApp } from '../lib/app.mjs';
import { CallError, freshAddress } from '../lib/client.mjs';
import { PAGE_HEADERS, causes, preflight } from '../lib/cors.mjs';
import { freePort } from '../lib/ports.mjs';
import { eventually, healthy } from '../lib/program.mjs';
import { ScriptedBehest, answers, selfSigned } from '../lib/scripted-behest.mjs';
import { MINUTE, roomInWindow } from '../lib/windows.mjs';

const HOST = 'localhost:3000';
const SITE = `http://${HOST}`;
const behest = await ScriptedBehest.start();
after(() => behest.close());
const app = await startApp({ env: remoteMinting(behest.url), args: ['--threads', '8'] });
after(() => app.stop());

beforeEach(() => behest.reset());

async function signedIn(where = app, options) {
  const client = where.client({ host: HOST, ...options });
  await client.join();
  return client;
}
const check = (client) => client.call('behest.checkGateway', {}, { headers: { origin: client.origin } });

test('it asks as the browser does, and nothing else', async () => {
  behest.always = preflight({ origin: SITE });
  const data = await check(await signedIn());
  assert.deepEqual(data, { verdict: 'allowed', message: `The gateway lets pages of ${SITE} in`, origin: SITE,
    gateway: behest.url, allowedOrigin: SITE });
  assert.equal(behest.requests.length, 1);
  const [{ method, url, headers }] = behest.requests;
  assert.deepEqual([method, url], ['OPTIONS', '/v1/chat/completions']);
  assert.equal(headers.origin, SITE);
  assert.equal(headers['access-control-request-method'], 'POST');
  assert.equal(headers['access-control-request-headers'], PAGE_HEADERS);
  for (const name of ['authorization', 'cookie']) assert.equal(headers[name], undefined, name);
});

describe('every cause has its verdict', () => {
  for (const [verdict, behaviour, words] of causes(SITE)) {
    test(`${verdict}: ${words.source}`, async () => {
      behest.always = behaviour;
      const data = await check(await signedIn());
      assert.equal(data.verdict, verdict, data.message);
      assert.match(data.message, words);
      assert.equal('advice' in data, verdict !== 'allowed');
    });
  }

  test('a gateway that is not there', async (t) => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const lone = await startApp({ env: remoteMinting(nowhere) });
    t.after(() => lone.stop());
    const data = await check(await signedIn(lone));
    assert.deepEqual([data.verdict, data.gateway], ['refused', nowhere]);
  });

  test('a name that does not exist, and a certificate that nobody vouches for', async (t) => {
    const tls = await ScriptedBehest.start({ tls: selfSigned() });
    t.after(() => tls.close());
    for (const [url, verdict] of [[`https://${'a'.repeat(64)}.invalid`, 'noSuchName'], [tls.url, 'tls']]) {
      const other = await startApp({ env: remoteMinting(url) });
      assert.equal((await check(await signedIn(other))).verdict, verdict);
      await other.stop();
    }
    assert.equal(tls.requests.length, 0);
  });
});

test('the address of the site wins over the one in the request', async (t) => {
  const site = await startApp({ env: { ...remoteMinting(behest.url), CHAT_SITE_URL: 'https://chat.example.org:443/chat' } });
  t.after(() => site.stop());
  const client = await signedIn(site);
  assert.equal((await client.call('behest.checkGateway')).origin, 'https://chat.example.org');
  assert.equal(behest.requests[0].headers.origin, 'https://chat.example.org');
});

test('a gateway at an address of the server itself', async () => {
  behest.always = preflight({ origin: '*' });
  const data = await check(await signedIn(app, { host: 'chat.example.org' }));
  assert.deepEqual([data.verdict, data.origin], ['loopback', 'http://chat.example.org']);
});

test('without either there is nothing to ask for', async () => {
  const response = await (await signedIn()).post('behest.checkGateway');
  assert.equal(response.status, 400);
  assert.match(response.text, /origin/);
  assert.equal(behest.requests.length, 0);
});

test('arguments change nothing', async () => {
  behest.always = preflight({ origin: SITE });
  const client = await signedIn();
  const data = await client.call('behest.checkGateway', { origin: 'https://evil.example', gateway: 'http://127.0.0.1:1',
    url: 'http://127.0.0.1:1' }, { headers: { origin: SITE } });
  assert.deepEqual([data.verdict, data.origin, data.gateway], ['allowed', SITE, behest.url]);
});

test('nobody else may ask', async () => {
  const refused = (client, options) => assert.rejects(client.call('behest.checkGateway', {}, options),
    (error) => error instanceof CallError && [401, 403].includes(error.status));
  await refused(app.client({ host: HOST }), { headers: { origin: SITE } });
  await refused(await signedIn(), { headers: { origin: 'https://evil.example' } });
  await refused(await signedIn(), { headers: { 'sec-fetch-site': 'cross-site' } });
  assert.equal(behest.requests.length, 0);
});

test('ten times in five minutes a user', async () => {
  await roomInWindow(5 * MINUTE, MINUTE / 2);
  behest.always = preflight({ origin: SITE });
  const remoteAddr = freshAddress();
  const [client, neighbour] = [await signedIn(app, { remoteAddr }), await signedIn(app, { remoteAddr })];
  for (let i = 0; i < 10; i++) await check(client);
  const response = await client.post('behest.checkGateway', { args: {} }, { headers: { origin: SITE } });
  assert.equal(response.status, 429);
  assert.match(response.get('retry-after'), /^[1-9]\d*$/);
  assert.equal(behest.requests.length, 10);
  const elsewhere = app.client({ host: HOST, remoteAddr: freshAddress() });
  await elsewhere.signIn(client.email, client.password);
  await assert.rejects(check(elsewhere), { status: 429 });
  assert.equal((await check(neighbour)).verdict, 'allowed', 'others at the address are not concerned');
  assert.equal((await client.post('behest.mint')).status, 200, 'the rest is not concerned');
});

test('a hanging gateway takes neither sign-in nor health with it', async () => {
  const held = [];
  behest.always = (seen, response, socket) => held.push(() => socket.destroy());
  const clients = [];
  for (let i = 0; i < 8; i++) clients.push(await signedIn());
  const statuses = [];
  const asked = clients.map((client) => client.post('behest.checkGateway', { args: {} }, { headers: { origin: SITE } })
    .then(({ status }) => statuses.push(status)));
  await eventually(() => held.length + statuses.length === clients.length, 'the surplus is refused at once');
  assert.deepEqual([held.length, new Set(statuses)], [2, new Set([503])]);
  assert.ok(await healthy(app.address));
  await app.client().join();
  behest.always = answers.token();
  assert.equal((await clients[0].post('behest.mint')).status, 200);
  for (const release of held) release();
  await Promise.all(asked);
  assert.equal(statuses.filter((status) => status === 200).length, 2);
});

test('a gateway that never answers is given up', async () => {
  behest.always = answers.hang();
  assert.equal((await check(await signedIn())).verdict, 'timedOut');
});

test('the log says what was found, and nothing more', async () => {
  behest.always = preflight({ origin: 'https://elsewhere.example.org' });
  await check(await signedIn());
  await eventually(() => app.stderr.includes('detail=otherOrigin'), 'the log line');
  assert.doesNotMatch(app.stderr, /elsewhere/);
});
