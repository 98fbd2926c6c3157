// What goes to the model again when a conversation is long, or odd.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { counted, parseExposition } from '../lib/exposition.mjs';
import { startGateway } from '../lib/gateway.mjs';
import { lock } from '../lib/lock.mjs';
import { eventually } from '../lib/program.mjs';
import { ScriptedUpstream, chunk, replies } from '../lib/scripted-upstream.mjs';
import { sql } from '../lib/app.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always = replies.completion('fine');
});
const gateway = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model',
  GATEWAY_TIERS: '1:100000,100000,2000000000', GATEWAY_CONTEXT_TOKENS: '500', GATEWAY_METRICS: 'loopback' } });
after(() => gateway.stop());

const says = (role, content) => ({ role, content });
const user = (content) => says('user', content);
const sent = () => upstream.requests.at(-1).body.messages;
const call = { id: 'call_1', type: 'function', function: { name: 'now', arguments: '{}' } };
const calls = replies.json({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'scripted',
  choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'tool_calls' }] });
const result = { role: 'tool', tool_call_id: 'call_1', content: '12:00' };

/** Asks in a thread of its own. */
function conversation(token = gateway.token()) {
  const thread = randomUUID();
  const ask = (...messages) => gateway.chat(token, { messages }, { headers: { 'x-thread-id': thread } });
  return { token, thread, ask };
}

describe('instructions', () => {
  test('that differ with each request leave room for what was said', async () => {
    const { ask } = conversation();
    for (let minute = 10; minute < 40; minute++)
      assert.equal((await ask(says('system', `It is 12:${minute}. ${'Be brief. '.repeat(10)}`), user(`question ${minute}`))).status, 200);
    const instructions = sent().filter(({ role }) => role === 'system').map(({ content }) => content.slice(6, 11));
    assert.ok(instructions.length >= 3 && JSON.stringify(instructions).length < 1000, JSON.stringify(instructions));
    assert.deepEqual(instructions.slice(-2), ['12:38', '12:39']);
    assert.deepEqual(sent().slice(-4, -2), [user('question 38'), says('assistant', 'fine')]);
  });
  test('go along however long the last one is', async () => {
    const { ask } = conversation();
    await ask(says('system', 'Old.'), says('system', 'x'.repeat(3000)), user('first'));
    await ask(user('second'));
    assert.deepEqual(sent().map(({ content }) => content[0]), ['x', 's']);
  });
  test('in great number hold nobody else up', async () => {
    const others = conversation();
    const many = Array.from({ length: 2047 }, (_, i) => says('system', `Rule ${i}`));
    const { ask } = conversation();
    for (let i = 0; i < 3; i++) {
      const [one, other] = await Promise.all([ask(...many, user(`${i}`)), others.ask(user('And I?'))]);
      assert.deepEqual([one.status, other.status], [200, 200]);
    }
    const refused = await ask(...many, user('one'), user('too many'));
    assert.equal(refused.status, 400);
    assert.match(refused.json.error.message, /1 to 2048 messages/);
  });
});

describe('a call of tools', () => {
  test('that nothing answers is not sent again', async () => {
    const { ask } = conversation();
    await ask(user('Hello'));
    upstream.next = [calls];
    await ask(user('What time is it?'));
    await ask(user('Never mind.'));
    assert.deepEqual(sent(), [user('Hello'), says('assistant', 'fine'), user('Never mind.')]);
    await ask(user('Bye'));
    assert.deepEqual(sent().map(({ content }) => content), ['Hello', 'fine', 'Never mind.', 'fine', 'Bye']);
  });
  test('is answered by a reader who comes back', async () => {
    const { ask, token, thread } = conversation();
    upstream.next = [calls, replies.hang()];
    await ask(user('What time is it?'));
    const gone = await gateway.stream(token, { messages: [result], stream: true }, { headers: { 'x-thread-id': thread } });
    await eventually(() => upstream.requests.length === 2, 'the upstream was not asked');
    gone.abort();
    await eventually(() => sql(gateway.database, "SELECT 1 FROM messages WHERE state = 'stopped'").length, 'it was not marked stopped');
    await ask({ ...result, content: '12:01' });
    assert.deepEqual(sent().map(({ role }) => role), ['user', 'assistant', 'tool']);
    await ask(user('Thanks'));
    assert.deepEqual(sent().map(({ role }) => role), ['user', 'assistant', 'tool', 'assistant', 'user']);
  });
  test('stays together with its answer when there is no room for both', async () => {
    const { ask } = conversation();
    upstream.next = [calls];
    await ask(user(`What time is it? ${'x'.repeat(1200)}`));
    await ask({ ...result, content: '12:00'.repeat(80) });
    await ask(user(`And then? ${'y'.repeat(200)}`));
    assert.deepEqual(sent().map(({ role }) => role), ['user']);
  });
});

describe('pictures', () => {
  const large = async (gatewayOf, pictures) => {
    const token = gatewayOf.token();
    const headers = { 'x-thread-id': randomUUID() };
    const say = (content) => gatewayOf.chat(token, { messages: [user(content)] }, { headers });
    for (let i = 0; i < pictures; i++)
      assert.equal((await say([{ type: 'text', text: `Picture ${i}` },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(400_000)}` } }])).status, 200);
    await say('What was in it?');
    return sent().flatMap(({ content }) => (Array.isArray(content) ? [content[0].text] : []));
  };
  test('go along with later questions, as many as fit', async (t) => {
    const roomy = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_CONTEXT_TOKENS: '4000' } });
    t.after(() => roomy.stop());
    assert.deepEqual(await large(roomy, 1), ['Picture 0']);
    assert.deepEqual(await large(roomy, 5), ['Picture 2', 'Picture 3', 'Picture 4']);
  });
});

describe('what a tool gave', () => {
  const long = { ...result, content: '12:00'.repeat(80) };
  test('goes up with its call however long that is', async () => {
    const { ask } = conversation();
    upstream.next = [calls];
    await ask(user(`What time is it? ${'x'.repeat(1900)}`));
    await ask(long);
    assert.deepEqual(sent().map(({ role }) => role), ['user', 'assistant', 'tool']);
  });
  test('goes up with the call before it when the question is left out', async () => {
    const { ask } = conversation();
    upstream.next = [calls, calls, calls];
    await ask(user(`What time is it? ${'x'.repeat(1000)}`));
    await ask(long);
    await ask(long);
    await ask(long);
    assert.deepEqual(sent().map(({ role }) => role), ['assistant', 'tool', 'assistant', 'tool']);
    assert.ok(sent().every(({ role, tool_calls }) => role === 'tool' || tool_calls));
  });
  test('does not go up without its call', async () => {
    const { ask } = conversation();
    await ask(user('Hello'));
    await ask(result, user('And now?'));
    assert.deepEqual(sent(), [user('Hello'), says('assistant', 'fine'), user('And now?')]);
    await ask(user('Bye'));
    assert.deepEqual(sent(), [user('Hello'), says('assistant', 'fine'), user('And now?'), says('assistant', 'fine'), user('Bye')]);
  });
  test('does not go up where its call broke off, nor what followed from it', async () => {
    const { ask, thread } = conversation();
    await ask(user('Hello'));
    upstream.next = [calls];
    await ask(user('What time is it?'));
    await ask(result);
    sql(gateway.database, `UPDATE messages SET state = 'incomplete' WHERE message LIKE '%call_1%' AND part = 'reply'
      AND thread = (SELECT serial FROM threads WHERE id = '${thread}')`);
    await ask(user('Bye'));
    assert.deepEqual(sent(), [user('Hello'), says('assistant', 'fine'), user('Bye')]);
  });
  test('is refused where it is all and nothing called it', async () => {
    const { ask, token, thread } = conversation();
    const asked = upstream.requests.length;
    for (const messages of [[result], [says('system', 'Be brief.'), result]]) {
      const refused = await ask(...messages);
      assert.equal(refused.status, 400);
      assert.match(refused.json.error.message, /call of tools that is not in this conversation/);
    }
    assert.equal(upstream.requests.length, asked);
    assert.equal((await gateway.request('GET', `/v1/threads/${thread}`, { token })).status, 404);
  });
  test('without a conversation is for the upstream to judge', async () => {
    await gateway.chat(gateway.token(), { messages: [result] });
    assert.deepEqual(sent(), [result]);
  });
});

describe('a reply', () => {
  test('over a megabyte is kept as far as it fits, and not called complete', async () => {
    for (const message of [{ role: 'assistant', content: 'x'.repeat(1_100_000) }, { role: 'assistant', content: null, refusal: 'x'.repeat(1_100_000) },
      { role: 'assistant', content: null, tool_calls: [{ ...call, function: { name: 'now', arguments: `{"x":"${'x'.repeat(1_100_000)}"}` } }] }]) {
      const { ask, token, thread } = conversation();
      upstream.next = [replies.json({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'scripted',
        choices: [{ index: 0, message, finish_reason: 'stop' }] })];
      assert.equal((await ask(user('Go on'))).status, 200);
      const kept = (await gateway.request('GET', `/v1/threads/${thread}/messages`, { token })).json;
      assert.deepEqual(kept.map(({ role, state }) => [role, state]), [['user', 'complete'], ['assistant', 'incomplete']]);
      if (!message.tool_calls) assert.equal((kept[1].refusal ?? kept[1].content).length, 1 << 20);
    }
  });
  test('does not come first when what led to it is left out', async () => {
    const { ask } = conversation();
    await ask(user('x'.repeat(1900)), says('assistant', 'One.'), says('assistant', 'Two.'), user('Three?'));
    await ask(user('y'.repeat(200)));
    assert.deepEqual(sent().map(({ content }) => content[0]), ['T', 'f', 'y']);
  });
  test('that greets comes first', async () => {
    const { ask } = conversation();
    await ask(says('assistant', 'How can I help?'), user('Hello'));
    await ask(user('Bye'));
    assert.deepEqual(sent().map(({ content }) => content), ['How can I help?', 'Hello', 'fine', 'Bye']);
  });
  test('is remembered as parts, and as a refusal', async () => {
    const { ask } = conversation();
    const parts = [{ type: 'text', text: 'In parts.' }];
    await ask(user('One'), says('assistant', parts), user('Two'), { role: 'assistant', content: null, refusal: 'No.' }, user('Three'));
    await ask(user('Four'));
    assert.deepEqual(sent().map(({ content, refusal }) => refusal ?? content), ['One', parts, 'Two', 'No.', 'Three', 'fine', 'Four']);
  });
});

test('turns without an answer are read in vain only so long', async () => {
  const { ask, thread } = conversation();
  await ask(user('First'));
  sql(gateway.database, `WITH RECURSIVE t(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM t WHERE n < 40)
    INSERT INTO messages (thread, turn, part, state, message, created_at, changed_at)
    SELECT serial, n, 'message', 'complete', '{"role":"user","content":"' || hex(zeroblob(262144)) || '"}', 1, 1
    FROM t, threads WHERE id = '${thread}'`);
  await ask(user('Again'));
  assert.deepEqual(sent(), [user('Again')]);
});

test('messages of very many values are not all read at once', async (t) => {
  const roomy = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_CONTEXT_TOKENS: '100000' } });
  t.after(() => roomy.stop());
  const [token, headers] = [roomy.token(), { 'x-thread-id': 'heavy' }];
  const heavy = (text) => user([{ type: 'text', text }, { type: 'other', list: Array(20_000).fill({}) }]);
  for (let n = 0; n < 8; n++) assert.equal((await roomy.chat(token, { messages: [heavy(`${n}`)] }, { headers })).status, 200);
  const questions = sent().flatMap(({ role, content }) => (role === 'user' ? content[0].text : []));
  assert.deepEqual(questions.slice(-2), ['6', '7']);
  assert.ok(questions.length < 8, `${questions.length} went to the model`);
  const page = (query) => roomy.request('GET', '/v1/threads/heavy/messages', { token, query });
  const { json } = await page('');
  assert.ok(json.length > 0 && json.length < 4, `${json.length} on a page`);
  assert.equal((await page(`before=${json[0].id}`)).json.at(-1).role, json[0].role === 'user' ? 'assistant' : 'user');
});

test('messages as the SDKs keep them begin turns of their own', async () => {
  const { ask } = conversation();
  const said = { role: 'assistant', content: 'One.', refusal: null, tool_calls: null };
  await ask(user('x'.repeat(1900)), said, user('Two?'));
  await ask(user('y'.repeat(200)));
  assert.deepEqual(sent().map(({ content }) => content[0]), ['T', 'f', 'y']);
});

test('a reader does not wait for a database that others hold', async (t) => {
  const waits = async () => {
    const { text } = await gateway.request('GET', '/metrics', { extra: { REMOTE_ADDR: '127.0.0.1' } });
    return counted(parseExposition(text), 'behest_sqlite_busy_waits_total');
  };
  const { token, thread } = conversation();
  let hands;
  upstream.next = [replies.byHand((given) => { hands = given; })];
  const exchange = await gateway.stream(token, { messages: [user('Count')], stream: true }, { headers: { 'x-thread-id': thread } });
  await eventually(() => hands, 'the upstream was not asked');
  const release = await lock(t, gateway.database);
  const before = await waits();
  const chunks = exchange.chunks();
  for (let piece = 0; piece < 5; piece++) { // it is to be written down every other second
    hands.piece(`${piece} `);
    await chunks.next();
    await sleep(600);
  }
  assert.equal(await waits(), before);
  await release();
  hands.done();
  await exchange.response();
  assert.doesNotMatch(gateway.stderr, /could not be kept/);
  assert.deepEqual(sql(gateway.database, `SELECT message ->> 'content' AS text, messages.state FROM messages JOIN threads ON serial = thread
    WHERE threads.id = '${thread}' AND part = 'reply'`), [{ text: '0 1 2 3 4 ', state: 'complete' }]);
});

test('a request that fails late takes nobody else\'s turn along', async () => {
  const { ask, thread } = conversation();
  let fail;
  await ask(user('Hello'));
  upstream.next = [(...all) => { fail = () => replies.error(503)(...all); }, replies.error(503), replies.completion('two')];
  const late = ask(user('Well?'));
  await eventually(() => fail, 'the upstream was not asked');
  assert.equal((await ask(user('Well?'))).status, 502);
  assert.equal((await ask(user('Well?'))).status, 200);
  fail();
  assert.equal((await late).status, 502);
  assert.deepEqual(sql(gateway.database, `SELECT message ->> 'content' AS text FROM messages JOIN threads ON serial = thread
    WHERE threads.id = '${thread}'`).map(({ text }) => text), ['Hello', 'fine', 'Well?', 'two']);
});

/** Waits until it is written down that a reply is still being worked on. */
const isNoted = (thread) => eventually(() => sql(gateway.database, `SELECT 1 FROM messages JOIN threads ON serial = thread
  WHERE threads.id = '${thread}' AND messages.state = 'streaming' AND changed_at > messages.created_at`).length, 'nothing was noted', 60_000);

test('a reply that comes all at once is not taken for lost while it is awaited', async () => {
  const { ask, thread } = conversation();
  let finish;
  upstream.next = [(...all) => { finish = () => replies.completion('at last')(...all); }];
  const answer = ask(user('Think.'));
  await isNoted(thread);
  finish();
  assert.equal((await answer).status, 200);
});

test('a reply before which the upstream sends white space is not taken for lost either', async (t) => {
  const { ask, thread } = conversation();
  let upstreamResponse;
  upstream.next = [(_, response) => { upstreamResponse = response; response.writeHead(200, { 'content-type': 'application/json' }); }];
  const answer = ask(user('Think.'));
  await eventually(() => upstreamResponse, 'the upstream was not asked');
  const beat = setInterval(() => upstreamResponse.write(' '), 200);
  t.after(() => clearInterval(beat));
  await isNoted(thread);
  clearInterval(beat);
  upstreamResponse.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'at last' }, finish_reason: 'stop' }] }));
  assert.equal((await answer).status, 200);
});

test('nor is one whose server thinks for long and says each time that this was the last', async (t) => {
  const { token, thread } = conversation();
  let hands;
  upstream.next = [replies.byHand((given) => { hands = given; })];
  const exchange = await gateway.stream(token, { messages: [user('Think.')], stream: true }, { headers: { 'x-thread-id': thread } });
  await eventually(() => hands, 'the upstream was not asked');
  const thought = chunk('', { delta: { reasoning_content: 'Hm.' }, finish_reason: 'stop' });
  const beat = setInterval(() => hands.raw(`data: ${JSON.stringify(thought)}\n\n`), 200);
  t.after(() => clearInterval(beat));
  await isNoted(thread);
  clearInterval(beat);
  hands.piece('At last.');
  hands.done();
  assert.match((await exchange.response()).text, /At last/);
});
