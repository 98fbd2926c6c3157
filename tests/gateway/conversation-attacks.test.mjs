// What somebody may try with the conversations of others, or to break their own.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { startGateway } from '../lib/gateway.mjs';
import { eventually } from '../lib/program.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';
import { sql } from '../lib/app.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always = replies.completion('fine');
});
const env = { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_TIERS: '1:100000,100000,2000000000' };
const args = ['--threads', '32'];
const one = await startGateway({ env, args });
const two = await startGateway({ env: { ...env, GATEWAY_DATABASE: one.database }, args });
after(() => Promise.all([one.stop(), two.stop()]));

const user = (content) => ({ role: 'user', content });
const inThread = (thread) => ({ headers: { 'x-thread-id': thread } });
const ask = (token, thread, content, gateway = one) => gateway.chat(token, { messages: [user(content)] }, inThread(thread));
const get = (token, path, query = '') => one.request('GET', path, { token, query });
const messages = async (token, thread) => (await get(token, `/v1/threads/${thread}/messages`)).json;
const spoken = async (token, thread) => (await messages(token, thread)).map(({ role, content }) => `${role} ${content}`);

async function byHand(gateway, token, thread, content) {
  let hands;
  upstream.next = [replies.byHand((given) => { hands = given; })];
  const exchange = await gateway.stream(token, { messages: [user(content)], stream: true }, inThread(thread));
  await eventually(() => hands, 'the upstream was not asked');
  return { exchange, hands };
}

describe('texts', () => {
  const texts = ['a\r\nSet-Cookie: stolen=1\r\n\r\n<h1>', '\u0000in front', 'mid\u0000dle', '<script>alert(1)</script>', '\u001b[31mred', '"}]}',
    "'); DROP TABLE threads; --", '%00%0d%0a', '\u{1f600}'.repeat(500), 'e\u0301'.repeat(500), '\u2028\u2029', '\ufeff', '\uffff'];
  test('come back as they were, and their titles fit on a line', async () => {
    const token = one.token();
    for (const text of texts) {
      const thread = randomUUID();
      const answer = await ask(token, thread, text);
      assert.equal(answer.status, 200, JSON.stringify(text));
      assert.equal(upstream.requests.at(-1).body.messages.at(-1).content, text);
      assert.equal((await messages(token, thread))[0].content, text);
      const shown = await get(token, `/v1/threads/${thread}`);
      assert.equal(shown.get('set-cookie'), undefined);
      assert.doesNotMatch(shown.json.title, /[\u0000-\u001f\u007f]/);
      assert.ok([...shown.json.title].length <= 61);
    }
    assert.equal((await get(token, '/v1/threads', 'limit=200')).json.length, texts.length);
  });
  test('that are none are refused, and leave nothing behind', async () => {
    const token = one.token();
    const body = (bytes) => Buffer.concat([Buffer.from('{"messages":[{"role":"user","content":"a'), Buffer.from(bytes), Buffer.from('"}]}')]);
    const bodies = [body([0xff]), body([0xc0, 0x80]), body([0xed, 0xa0, 0x80]), body([0xf5, 0x80, 0x80, 0x80]), body(Buffer.from('\\ud800')),
      ...Array.from({ length: 20 }, (_, i) => randomBytes(1 + 97 * i))];
    for (const bytes of bodies) {
      const answer = await one.request('POST', '/v1/chat/completions', { token, body: bytes,
        headers: { 'content-type': 'application/json', 'x-thread-id': 'odd' } });
      assert.equal(answer.status, 400, answer.text);
    }
    assert.deepEqual((await get(token, '/v1/threads')).json, []);
    assert.equal(upstream.requests.length, 0);
  });
  test('cannot pass for what the gateway says of a message', async () => {
    const token = one.token();
    await one.chat(token, { messages: [{ ...user('Hello'), id: 'mine', state: 'streaming', created_at: 'never' }] }, inThread('t'));
    const [{ id, state, created_at }] = await messages(token, 't');
    assert.match(id, /^\d+$/);
    assert.equal(state, 'complete');
    assert.ok(Date.parse(created_at) > 0);
  });
});

describe('ids', () => {
  test('are compared letter by letter', async () => {
    const token = one.token();
    const ids = ['_', 'a_b', 'axb', 'AXB', 'a:b', '~', '-', 'messages', '0', '-1', '__proto__', 'CON'];
    for (const id of ids) assert.equal((await ask(token, id, `I am ${id}`)).status, 200, id);
    for (const id of ids) assert.deepEqual(await spoken(token, id), [`user I am ${id}`, 'assistant fine'], id);
    for (const id of ['a_', 'A_B', '%', '*', 'a%25']) assert.ok([400, 404].includes((await get(token, `/v1/threads/${encodeURIComponent(id)}`)).status), id);
    assert.equal((await one.request('DELETE', '/v1/threads/_', { token })).status, 204);
    assert.equal((await get(token, '/v1/threads')).json.length, ids.length - 1);
  });
  test('that look like paths lead nowhere', async () => {
    const token = one.token();
    await ask(token, 'mine', 'Hello');
    for (const path of ['..%2f..%2fetc', '%2e%2e', '..', 'mine%2fmessages', 'mine%00', '%', 'mine/../mine', '/messages', 'mine;x', 'x'.repeat(3000),
      'mine/messages/../messages'])
      assert.ok([400, 404, 413].includes((await get(token, `/v1/threads/${path}`)).status), path);
    for (const id of ['../x', '/etc/passwd', 'a/b', '.', '..', 'x'.repeat(100_000)])
      assert.ok([400, 413, 431].includes((await ask(token, id, 'Hello')).status), id.slice(0, 20));
  });
  test('of somebody else open nothing, whatever the call', async () => {
    const [owner, thief] = [one.token({ uid: 'owner' }), one.token({ uid: 'thief' })];
    await ask(owner, 'shared', 'Secret');
    const place = (await get(owner, '/v1/threads')).json[0].last_message_at;
    for (const query of ['', `after=${place},zzz`, 'after=9999-01-01T00:00:00Z,shared']) assert.deepEqual((await get(thief, '/v1/threads', query)).json, []);
    assert.equal((await get(thief, '/v1/threads', 'after=shared')).status, 404);
    const [{ id }] = await messages(owner, 'shared');
    await ask(thief, 'shared', 'Mine');
    assert.deepEqual((await get(thief, '/v1/threads/shared/messages', `before=${Number(id) + 2}`)).json, []);
    assert.equal((await one.request('DELETE', '/v1/threads/shared', { token: thief })).status, 204);
    assert.deepEqual(await spoken(owner, 'shared'), ['user Secret', 'assistant fine']);
  });
});

test('limits that are none', async () => {
  const token = one.token();
  await ask(token, 't', 'Hello');
  for (const value of ['-1', '0', '-0', '1e2', '0x10', '%2B5', '+5', '5.0', '', '9223372036854775808', '99999999999999999999999', 'NaN', '5%20'])
    for (const path of ['/v1/threads', '/v1/threads/t/messages'])
      assert.equal((await get(token, path, `limit=${value}`)).status, 400, `${path} ${value}`);
  for (const value of ['-1', '0', '1.5', '9223372036854775808']) assert.equal((await get(token, '/v1/threads/t/messages', `before=${value}`)).status, 400, value);
});

test('a token that is over opens nothing', async () => {
  const uid = 'late';
  await ask(one.token({ uid }), 't', 'Hello');
  const late = one.token({ uid, exp: 1, iat: 0, nbf: 0 });
  for (const [method, path] of [['GET', '/v1/threads'], ['GET', '/v1/threads/t'], ['GET', '/v1/threads/t/messages'], ['DELETE', '/v1/threads/t'],
    ['GET', '/v1/usage'], ['GET', '/v1/billing/usage']])
    assert.equal((await one.request(method, path, { token: late })).status, 401, path);
  assert.equal((await ask(late, 't', 'Hello')).status, 401);
  assert.equal((await messages(one.token({ uid }), 't')).length, 2);
});

describe('two processes', () => {
  test('that write to a new thread at once make one of it', async () => {
    const token = one.token();
    const questions = Array.from({ length: 12 }, (_, i) => `Question ${i}`);
    const answers = await Promise.all(questions.map((question, i) => ask(token, 'race', question, i % 2 ? one : two)));
    const served = questions.filter((_, i) => answers[i].status === 200);
    assert.ok(answers.every(({ status }) => [200, 429].includes(status)) && served.length >= 4);
    const kept = await spoken(token, 'race');
    assert.deepEqual(kept.filter((_, i) => i % 2).filter((text) => text !== 'assistant fine'), []);
    assert.deepEqual(kept.filter((_, i) => i % 2 === 0).sort(), served.map((question) => `user ${question}`).sort());
    assert.equal((await get(token, '/v1/threads')).json.length, 1);
  });
  test('that stream in one thread keep both replies whole', async () => {
    const token = one.token();
    await ask(token, 't', 'First');
    const [a, b] = [await byHand(one, token, 't', 'A'), await byHand(two, token, 't', 'B')];
    for (const piece of '123') {
      a.hands.piece(`a${piece}`);
      b.hands.piece(`b${piece}`);
    }
    a.hands.done();
    b.hands.done();
    await Promise.all([a.exchange.response(), b.exchange.response()]);
    assert.deepEqual((await spoken(token, 't')).slice(2), ['user A', 'assistant a1a2a3', 'user B', 'assistant b1b2b3']);
  });
  test('one deletes a thread, and another begins anew, while its reply streams: nothing of the old one appears', async () => {
    const token = one.token();
    const { exchange, hands } = await byHand(one, token, 't', 'Old');
    hands.piece('old ');
    await exchange.chunks().next();
    assert.equal((await two.request('DELETE', '/v1/threads/t', { token })).status, 204);
    await ask(token, 't', 'New', two);
    assert.deepEqual(upstream.requests.at(-1).body.messages, [user('New')]);
    hands.piece('late');
    hands.done();
    await exchange.response();
    assert.deepEqual(await spoken(token, 't'), ['user New', 'assistant fine']);
    assert.ok(!JSON.stringify(sql(one.database, 'SELECT message FROM messages')).includes('old late'));
  });
  test('that write and delete at random leave a sound database, counted right', async () => {
    const token = one.token({ uid: 'storm' });
    const calls = Array.from({ length: 45 }, (_, i) => (i % 3 === 2 ? two.request('DELETE', '/v1/threads/storm', { token })
      : ask(token, 'storm', `Question ${i}`, i % 2 ? one : two)));
    const statuses = new Set((await Promise.all(calls)).map(({ status }) => status));
    for (const status of statuses) assert.ok([200, 204, 404, 429].includes(status), String(status));
    assert.deepEqual(sql(one.database, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    assert.deepEqual(sql(one.database, 'PRAGMA foreign_key_check'), []);
    assert.deepEqual(sql(one.database, `SELECT project_id, user_id, sum(bytes) AS bytes FROM threads GROUP BY project_id, user_id
      EXCEPT SELECT * FROM kept_bytes`), []);
    assert.deepEqual(sql(one.database, `SELECT serial FROM threads WHERE bytes <> 512 + (SELECT coalesce(sum(64 + length(CAST(message AS BLOB))), 0)
      FROM messages WHERE thread = serial)`), []);
  });
});
