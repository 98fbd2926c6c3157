// The demonstration model: the best passage of the manual, or a word that there is none.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { events, question, replyOf, startGateway } from '../lib/gateway.mjs';
import { within } from '../lib/fastcgi.mjs';

const gateway = await startGateway({ env: { GATEWAY_TIERS: '1:1000,100000,20000000' } });
after(() => gateway.stop());
const token = gateway.token();

const ask = (content, more = {}) => gateway.chat(token, { messages: [{ role: 'user', content }], ...more });
const replyTo = async (content) => (await ask(content)).json.choices[0].message.content;

test('it says what it is', async () => {
  assert.match(await replyTo('How do I add a user?'), /demonstration model/i);
});

test('it says so in the first reply of a conversation alone', async () => {
  const before = [{ role: 'user', content: 'Hello' }, { role: 'assistant', content: 'Hello.' }];
  const again = await gateway.chat(token, { messages: [...before, { role: 'user', content: 'How do I add a user?' }] });
  const { content } = again.json.choices[0].message;
  assert.doesNotMatch(content, /demonstration model of/);
  assert.match(content, /^\*\*README.md: Users and sign-up/);
});

test('it says so once in a conversation that the gateway keeps', async () => {
  const headers = { 'x-thread-id': randomUUID() };
  const texts = [];
  for (let i = 0; i < 2; i++) texts.push((await gateway.chat(token, question(), { headers })).json.choices[0].message.content);
  assert.deepEqual(texts.map((text) => /demonstration model of/.test(text)), [true, false]);
});

for (const [question, heading] of [
  ['How do I put it behind nginx?', /nginx/],
  ['How do I connect a real model?', /Connect a real model/],
  ['How do I add a user?', /Users and sign-up/],
  ['How do I change the tier of a user?', /Tiers/],
  ['Where does the key go?', /The key/],
  ['Which settings does the gateway have?', /Settings of the gateway/],
  ['How do I close sign-up?', /Users and sign-up/],
  ['How do I make a backup?', /Backup/],
]) {
  test(`it finds the passage for: ${question}`, async () => {
    const [, title] = (await replyTo(question)).split('\n\n');
    assert.match(title, heading);
  });
}

test('it answers a question about the manual, as Markdown', async () => {
  const [introduction, ...rest] = (await replyTo('How do I add a user or change a tier?')).split('\n\n');
  assert.match(introduction, /demonstration/);
  const passage = rest.join('\n\n');
  assert.match(passage, /behest-admin/);
  assert.match(passage, /^#|\*\*|`|^[-*] /m, 'headings, code or lists');
});

test('the questions that it proposes have an answer', async () => {
  const questions = (await replyTo('zzqxv')).split('\n').filter((line) => line.startsWith('- ')).map((line) => line.slice(2));
  assert.ok(questions.length >= 2);
  for (const question of questions) assert.doesNotMatch(await replyTo(question), /nothing about that/i, question);
});

test('without a match it says so', async () => {
  for (const content of ['zzqxv wvutsr', '\u{1f600}\u{1f600}', '?', '   '])
    assert.match(await replyTo(content), /nothing about that/i, content);
});

test('the last question counts', async () => {
  const messages = [
    { role: 'user', content: 'How do I add a user?' }, { role: 'assistant', content: 'Like so.' }, { role: 'user',
      content: 'zzqxv' },
  ];
  const { json } = await gateway.chat(token, { messages });
  assert.match(json.choices[0].message.content, /nothing about that/i);
});

test('the shape of an answer', async () => {
  const { object, choices, usage, model, id, created } = (await ask('How do I add a user?')).json;
  assert.equal(object, 'chat.completion');
  assert.equal(choices.length, 1);
  assert.deepEqual([choices[0].index, choices[0].message.role, choices[0].finish_reason], [0, 'assistant', 'stop']);
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  assert.ok(usage.completion_tokens > 0);
  assert.equal(typeof model, 'string');
  assert.match(id, /^chatcmpl-/);
  assert.ok(Math.abs(created - Date.now() / 1000) < 60);
});

describe('streamed', () => {
  test('it is the same text, in many pieces', async () => {
    const whole = await replyTo('How do I add a user?');
    const response = await (await gateway.stream(token, question({ stream: true }))).response();
    assert.match(response.get('content-type'), /^text\/event-stream/);
    assert.equal(replyOf(response.text), whole);
    const all = events(response.text);
    assert.ok(all.length > 5);
    assert.equal(all.at(-1), '[DONE]');
    const chunks = all.slice(0, -1).map((data) => JSON.parse(data));
    assert.ok(chunks.every(({ object, id }) => object === 'chat.completion.chunk' && id === chunks[0].id));
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
  });
  test('with its use, when asked for', async () => {
    const response = await (await gateway.stream(token, question({ stream: true,
      stream_options: { include_usage: true } }))).response();
    const last = JSON.parse(events(response.text).at(-2));
    assert.deepEqual(last.choices, []);
    assert.ok(last.usage.completion_tokens > 0);
  });
  test('pieces come before the end', async () => {
    const exchange = await gateway.stream(token, question({ stream: true }));
    const chunks = exchange.chunks();
    await within(chunks.next(), 'no first piece', 10_000);
    assert.equal(exchange.end, undefined, 'more follows');
    exchange.connection.close();
  });
});

describe('questions that are queries elsewhere', () => {
  for (const content of ['"', "'; DROP TABLE manual; --", 'user AND', 'NEAR(user admin)', 'a* OR b*', 'NOT user', 'col:user',
    '^user', '(((', '-', '*', '{user}', '\u0000user', 'user\\', '%', 'AND OR NOT']) {
    test(JSON.stringify(content), async () => {
      const response = await ask(content);
      assert.ok([200, 400].includes(response.status), `${response.status}: ${response.text}`);
      assert.ok(response.status === 200 || content.includes('\u0000'));
    });
  }
  test('one of 100 KB', async () => {
    assert.ok([200, 400, 413].includes((await ask('how to add a user '.repeat(6000))).status));
  });
});
