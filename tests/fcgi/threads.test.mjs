// The conversations that the gateway keeps, for clients that ask the application for them.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { remoteMinting, startApp } from '../lib/app.mjs';
import { API_KEY, question, startGateway } from '../lib/gateway.mjs';
import { startLighttpd } from '../lib/lighttpd.mjs';
import { ScriptedBehest, answers } from '../lib/scripted-behest.mjs';

const PATHS = [['GET', '/api/behest/threads'], ['GET', '/api/behest/threads/t1/messages'], ['DELETE', '/api/behest/threads/t1']];

describe('with behest-gateway', async () => {
  const gateway = await startGateway({ env: { GATEWAY_TIERS: '1:100000,100000,2000000000' } });
  after(() => gateway.stop());
  const web = await startLighttpd(gateway.address);
  after(() => web.stop());
  const app = await startApp({ env: remoteMinting(web.url, API_KEY) });
  after(() => app.stop());

  const join = async () => {
    const client = app.client();
    await client.join();
    return client;
  };
  const talk = async (client, thread, text) => {
    const { token } = await client.call('behest.mint');
    const answer = await gateway.chat(token, question({ messages: [{ role: 'user', content: text }] }), { headers: { 'x-thread-id': thread } });
    assert.equal(answer.status, 200);
  };

  test('lists, shows and deletes', async () => {
    const client = await join();
    assert.deepEqual((await client.get('/api/behest/threads')).json, []);
    const [first, second] = [randomUUID(), randomUUID()];
    await talk(client, first, 'How do I add a user?');
    await talk(client, second, 'How do I make a backup?');
    const list = await client.get('/api/behest/threads');
    assert.equal(list.status, 200);
    assert.equal(list.get('content-type'), 'application/json');
    assert.equal(list.get('cache-control'), 'no-store');
    assert.deepEqual(list.json.map(({ id, title }) => [id, title]),
      [[second, 'How do I make a backup?'], [first, 'How do I add a user?']]);
    assert.deepEqual((await client.get('/api/behest/threads', { query: 'limit=1' })).json.length, 1);
    assert.equal((await client.get('/api/behest/threads', { query: `limit=5&after=${second}` })).json[0].id, first);
    const place = `after=${encodeURIComponent(`${list.json[0].last_message_at},${second}`)}`;
    assert.deepEqual((await client.get('/api/behest/threads', { query: place })).json.map(({ id }) => id), [first]);
    const messages = (await client.get(`/api/behest/threads/${first}/messages`)).json;
    assert.deepEqual(messages.map(({ role, state }) => [role, state]), [['user', 'complete'], ['assistant', 'complete']]);
    assert.equal((await client.get(`/api/behest/threads/${first}/messages`, { query: `before=${messages[1].id}` })).json.length, 1);
    assert.equal((await client.request('DELETE', `/api/behest/threads/${first}`)).status, 204);
    assert.equal((await client.request('DELETE', `/api/behest/threads/${first}`)).status, 404);
    assert.equal((await client.get(`/api/behest/threads/${first}/messages`)).status, 404);
  });
  test('shows nobody the conversations of somebody else', async () => {
    const [client, other] = [await join(), await join()];
    const thread = randomUUID();
    await talk(client, thread, 'Mine');
    assert.deepEqual((await other.get('/api/behest/threads')).json, []);
    assert.equal((await other.get(`/api/behest/threads/${thread}/messages`)).status, 404);
    assert.equal((await other.request('DELETE', `/api/behest/threads/${thread}`)).status, 404);
    assert.equal((await client.get(`/api/behest/threads/${thread}/messages`)).status, 200);
  });
});

describe('with a scripted gateway', async () => {
  const behest = await ScriptedBehest.start();
  after(() => behest.close());
  beforeEach(() => behest.reset());
  const app = await startApp({ env: remoteMinting(behest.url) });
  after(() => app.stop());
  const client = app.client();
  await client.join();

  test('asks in the name of whoever is signed in', async () => {
    behest.next = [answers.token(), answers.json([{ id: 't1' }])];
    const response = await client.get('/api/behest/threads');
    assert.deepEqual(response.json, [{ id: 't1' }]);
    const [mint, call] = behest.requests;
    assert.equal(mint.body.user_id, client.id);
    assert.equal(call.method, 'GET');
    assert.equal(call.url, '/v1/threads');
    assert.match(call.headers.authorization, /^Bearer eyJ/);
    assert.equal(call.headers.cookie, undefined);
  });
  test('is for those who are signed in alone', async () => {
    const stranger = app.client();
    for (const [verb, path] of PATHS) {
      const response = await stranger.request(verb, path);
      assert.equal(response.status, 401, path);
      assert.equal(response.json.error.code, 'unauthorized');
    }
    assert.equal(behest.requests.length, 0);
  });
  test('deletes nothing for other sites', async () => {
    const response = await client.request('DELETE', '/api/behest/threads/t1', { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } });
    assert.equal(response.status, 403);
    assert.equal(behest.requests.length, 0);
  });
  test('what the gateway answers becomes one of a few answers', async () => {
    for (const [answer, status, code] of [
      [answers.json({}, 404), 404, 'not_found'],
      [answers.json({}, 400), 400, 'validation_error'],
      [answers.error(429, { 'retry-after': '7' }), 429, 'rate_limited'],
      [answers.json({}, 401), 502, 'server_error'],
      [answers.json({}, 403), 502, 'server_error'],
      [answers.json({}, 500), 502, 'server_error'],
      [answers.redirect('http://127.0.0.1:9/'), 502, 'server_error'],
      [answers.cut(), 502, 'server_error'],
    ]) {
      for (const [verb, path] of PATHS) {
        behest.next = [answers.token(), answer];
        const response = await client.request(verb, path);
        assert.equal(response.status, status, `${status} ${path}`);
        assert.equal(response.json.error.code, code);
        if (status === 429) assert.equal(response.get('retry-after'), '7');
        assert.doesNotMatch(response.text, /eyJ|refused by the script/);
      }
    }
  });
  test('what is no address of a conversation is not asked for', async () => {
    for (const path of ['/api/behest/threads/', '/api/behest/threads/t1', '/api/behest/threads/t1/other', '/api/behest/threads//messages',
      '/api/behest/threads/a%20b/messages', '/api/behest/threads/a%3Fb/messages', '/api/behest/threads/a/messages/x',
      `/api/behest/threads/${'x'.repeat(129)}/messages`])
      assert.equal((await client.get(path)).status, 404, path);
    for (const query of ['limit=a%26b', 'after=a%2Fb', 'after=', `after=${'x'.repeat(200)}`, 'after=,', 'after=,a', 'after=a,', 'after=a,b,c',
      'after=a%20b,c', 'after=a%26b,c'])
      assert.equal((await client.get('/api/behest/threads', { query })).status, 400, query);
    assert.equal((await client.request('POST', '/api/behest/threads')).status, 405);
    assert.equal(behest.requests.length, 0);
  });
  test('sign-in stays quick while the gateway hangs', async () => {
    behest.always = (seen, ...rest) => (seen.url.includes('mint') ? answers.token() : answers.hang())(seen, ...rest);
    const hanging = Array.from({ length: 6 }, () => client.get('/api/behest/threads').catch(() => {}));
    const other = app.client();
    await other.join();
    const refused = (await Promise.all(hanging)).filter(({ status }) => status === 503);
    assert.ok(refused.length >= 4);
    for (const { json } of refused) assert.equal(json.error.code, 'server_error');
  });
});
