// What the gateway refuses, and in which form.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { sql } from '../lib/app.mjs';
import { ORIGIN, question, startGateway } from '../lib/gateway.mjs';
import { healthy } from '../lib/program.mjs';

const gateway = await startGateway({ env: { GATEWAY_TIERS: '1:1000,100000,20000000' } });
after(() => gateway.stop());
const token = gateway.token();

function isError(response, status, code) {
  assert.equal(response.status, status, response.text);
  assert.match(response.get('content-type'), /^application\/json/);
  assert.deepEqual(Object.keys(response.json), ['error']);
  assert.equal(response.json.error.code, code);
  assert.match(response.json.error.message, /^[A-Za-z].{5,}/);
  assert.match(response.get('x-trace-id'), /^\S{8,}$/);
  assert.equal(response.get('x-content-type-options'), 'nosniff');
}

describe('a completion that is not valid: 400', () => {
  for (const [name, body] of Object.entries({
    'no messages': {},
    'messages null': { messages: null },
    'messages text': { messages: 'Hello' },
    'no message': { messages: [] },
    'a message that is text': { messages: ['Hello'] },
    'a message without role': { messages: [{ content: 'x' }] },
    'a role that nobody has': { messages: [{ role: 'god', content: 'x' }] },
    'a content that is a number': { messages: [{ role: 'user', content: 5 }] },
    'no content': { messages: [{ role: 'user' }] },
    'stream as text': question({ stream: 'yes' }),
    'a model that is a number': question({ model: 5 }),
    'two answers at once': question({ n: 2 }),
  })) {
    test(name, async () => isError(await gateway.chat(token, body), 400, 'validation_error'));
  }
  for (const body of ['', '{', '[]', 'null', '{"messages":[{"role":"user","content":"\u0001"}]}',
    `{"messages":${'['.repeat(20_000)}`]) {
    test(`the body ${JSON.stringify(body.slice(0, 30))}`, async () => {
      isError(await gateway.request('POST', '/v1/chat/completions', { token, body,
        headers: { 'content-type': 'application/json' } }), 400, 'validation_error');
    });
  }
  test('bytes that are no UTF-8', async () => {
    const body = Buffer.from('{"messages":[{"role":"user","content":"\xff\xfe"}]}', 'latin1');
    isError(await gateway.request('POST', '/v1/chat/completions', { token, body, headers: { 'content-type': 'application/json' } }),
      400, 'validation_error');
  });
  test('a body cut short', async () => {
    const body = JSON.stringify(question());
    isError(await gateway.request('POST', '/v1/chat/completions', { token, body, length: body.length + 5,
      headers: { 'content-type': 'application/json' } }), 400, 'validation_error');
  });
});

test('the parts of a message may be a list', async () => {
  const response = await gateway.chat(token, { messages: [{ role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'How do I add a user?' }] }] });
  assert.equal(response.status, 200, response.text);
});

test('what is not there', async () => {
  for (const path of ['/', '/v1', '/v1/', '/v1/nothing', '/v1/chat', '/v1/chat/completions/', '/v1/threads/',
    '/v1/threads/x', '/v1/threads/x/messages', '/v1/usage/', '/v1/billing', '/index.html', '/.well-known/'])
    isError(await gateway.request('GET', path, { token }), 404, 'not_found');
});

test('a wrong verb names the right one', async () => {
  for (const [verb, path, right] of [['GET', '/v1/chat/completions', 'POST'], ['GET', '/v1/auth/mint', 'POST'],
    ['POST', '/v1/models', 'GET'], ['DELETE', '/.well-known/jwks.json', 'GET'], ['POST', '/healthz', 'GET']]) {
    const response = await gateway.request(verb, path, { token });
    isError(response, 405, 'method_not_allowed');
    assert.ok(response.get('allow').split(/,\s*/).includes(right));
  }
});

test('a malformed escape in the query, wherever one is', async () => {
  for (const query of ['%', 'a=%', 'limit=%', 'limit=1%', 'limit=1&x=%0g', 'a=%00', 'granularity=day%', 'from=2026-03-01%'])
    for (const path of ['/v1/threads', '/v1/threads/t1', '/v1/threads/t1/messages', '/v1/usage', '/v1/billing/usage', '/v1/models',
      '/.well-known/jwks.json', '/v1/other'])
      isError(await gateway.request('GET', path, { token, query }), 400, 'validation_error');
  isError(await gateway.request('DELETE', '/v1/threads/t1', { token, query: '%' }), 400, 'validation_error');
  isError(await gateway.chat(token, question(), { query: '%' }), 400, 'validation_error');
  assert.equal((await gateway.request('OPTIONS', '/v1/usage', { query: '%', headers: { origin: ORIGIN } })).status, 204);
  assert.equal((await gateway.request('GET', '/v1/models', { token, query: 'a=100%25&b=%C3%BC' })).status, 200);
});

test('another type than JSON', async () => {
  isError(await gateway.request('POST', '/v1/chat/completions', { token, body: JSON.stringify(question()),
    headers: { 'content-type': 'text/plain' } }), 415, 'validation_error');
});

test('too much', async () => {
  isError(await gateway.request('POST', '/v1/chat/completions',
    { token, body: JSON.stringify(question({ pad: 'x'.repeat(16 << 20) })) }), 413, 'too_large');
  isError(await gateway.mint({ pad: 'x'.repeat(70_000) }), 413, 'too_large');
});

test('too many values', async () => {
  const body = (x) => ({ token, body: `{"messages":[{"role":"user","content":"Hello"}],"x":[${x}]}` });
  for (const value of ['{}', '[]', '0']) {
    const many = Array(Math.floor((1_000_000 / (value.length + 1)))).fill(value).join();
    const refused = await gateway.request('POST', '/v1/chat/completions', body(many));
    isError(refused, 400, 'validation_error');
    assert.equal(refused.json.error.message, 'The JSON has too many values');
  }
  const parts = [1, 2].map((n) => ({ type: 'text', text: `part ${n}` }));
  const messages = Array.from({ length: 2048 }, () => ({ role: 'user', content: parts }));
  assert.equal((await gateway.chat(gateway.token(), { messages })).status, 200);
});

test('a long conversation is not too much', async () => {
  const messages = Array.from({ length: 200 }, (_, i) => ({ role: i % 2 ? 'assistant' : 'user', content: 'word '.repeat(200) }));
  messages.push({ role: 'user', content: 'How do I add a user?' });
  assert.equal((await gateway.chat(gateway.token(), { messages })).status, 200);
});

test('trace ids are each its own', async () => {
  const responses = await Promise.all(Array.from({ length: 20 }, () => gateway.request('GET', '/healthz')));
  assert.equal(new Set(responses.map((response) => response.get('x-trace-id'))).size, 20);
});

test('the trace id leads to the log line', async () => {
  const response = await gateway.request('GET', '/v1/models', { token });
  await gateway.seen(new RegExp(`\\bid=${response.get('x-trace-id')}\\b`));
});

test('what SQLite says of a failure is in the log, not in the answer', async () => {
  const other = await startGateway();
  sql(other.database, 'ALTER TABLE usage_days RENAME TO elsewhere');
  const response = await other.chat(other.token());
  assert.equal(response.status, 500);
  assert.doesNotMatch(response.text, /sql|usage_days/i);
  await other.seen(/status=500 .*detail="SQLite: no such table: usage_days \(1\)"/);
  await other.stop();
});

test('health tells when the database is gone', async () => {
  const other = await startGateway();
  renameSync(other.database, `${other.database}.away`);
  assert.equal((await other.request('GET', '/healthz')).status, 500);
  renameSync(`${other.database}.away`, other.database);
  assert.ok(await healthy(other.address));
  await other.stop();
});

test('the list of models', async () => {
  const { object, data } = (await gateway.request('GET', '/v1/models', { token })).json;
  assert.equal(object, 'list');
  assert.ok(data.length >= 1);
  for (const model of data) assert.deepEqual([typeof model.id, model.object], ['string', 'model']);
});

test('it is well after all of this', async () => {
  assert.ok(await healthy(gateway.address));
});
