// Servers that stream in ways of their own: what is kept is what the reader saw, and marked as what it is.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { begin, chatter, says } from '../lib/chatter.mjs';
import { replyOf, startGateway } from '../lib/gateway.mjs';
import { ScriptedUpstream, chunk, replies } from '../lib/scripted-upstream.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always = replies.completion('fine');
});
const gateway = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model' } });
after(() => gateway.stop());

const sent = () => upstream.requests.at(-1).body.messages;

const event = (data) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** Asks for a stream of these events, one after the other, and answers what the reader saw. */
async function streamed(person, content, events, finish = (hands) => hands.end()) {
  upstream.next = [replies.byHand((hands) => {
    for (const data of events) hands.raw(event(data));
    finish(hands);
  })];
  return (await (await person.stream(content)).response()).text;
}

/** The connection breaks, after what was sent has arrived. */
const breaks = (hands) => setTimeout(hands.destroy, 50);
const piece = (content, more) => chunk(content, more);
const last = (reason = 'stop') => chunk('', { delta: {}, finish_reason: reason });

describe('a server that says on each chunk how it ends', () => {
  for (const reason of ['', 'stop']) {
    test(`with ${JSON.stringify(reason)}: the whole reply is kept`, async () => {
      const person = chatter(gateway);
      const pieces = ['The ', 'whole ', 'answer.'].map((text) => piece(text, { finish_reason: reason }));
      assert.equal(replyOf(await streamed(person, 'Q', [...pieces, last(), '[DONE]'])), 'The whole answer.');
      assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'The whole answer.']]);
      await person.ask('And?');
      assert.deepEqual(sent()[1], says('assistant', 'The whole answer.'));
    });
    test(`with ${JSON.stringify(reason)}, and without [DONE]`, async () => {
      const person = chatter(gateway);
      const seen = await streamed(person, 'Q', [piece('All ', { finish_reason: reason }), piece('of it.', { finish_reason: 'stop' })]);
      assert.match(seen, /data: \[DONE\]\n\n$/);
      assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'All of it.']]);
    });
  }
  test('"stop" does not make a reply whole that breaks off before [DONE]', async () => {
    const person = chatter(gateway);
    await streamed(person, 'Q', [piece('Half '), piece('of it', { finish_reason: '' })], breaks);
    assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'Half of it', 'incomplete']]);
  });
});

test('a reply that was finished is whole, however the connection ends, and the reader is told the same', async () => {
  const person = chatter(gateway);
  const seen = await streamed(person, 'Q', [piece('All of it.'), last()], breaks);
  assert.match(seen, /\[DONE\]\n\n$/);
  assert.doesNotMatch(seen, /"error"/);
  assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'All of it.']]);
});

test('a reply that was finished stays whole while the end of the stream is awaited', async () => {
  const person = chatter(gateway);
  const { exchange, hands } = await begin(upstream, person, 'Q', 'All of it.');
  hands.raw(event(last()));
  for await (const written of exchange.chunks()) if (`${written}` === ':\n') break; // after ten seconds of silence
  assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'All of it.']]);
  hands.end();
  await exchange.response();
  assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'All of it.']]);
});

describe('an error', () => {
  const error = { message: 'out of memory', code: 500 };
  const ways = {
    'in an event of its own, and then [DONE]': [{ error }, '[DONE]'],
    'in a chunk with the reason "error"': [{ ...chunk('', { finish_reason: 'error' }), error }, '[DONE]'],
    'of a choice': [chunk('', { error, finish_reason: 'stop' }), '[DONE]'],
  };
  for (const [name, events] of Object.entries(ways)) {
    test(`${name} breaks the reply off`, async () => {
      const person = chatter(gateway);
      const seen = await streamed(person, 'Q', [piece('Half an ans'), ...events]);
      assert.match(seen, /out of memory/);
      assert.doesNotMatch(seen, /broke off/, 'told twice');
      assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'Half an ans', 'incomplete']]);
      await streamed(person, 'Q', [piece('full'), last(), '[DONE]']);
      assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'full']], 'the next try takes its place');
    });
    test(`${name} before anything was said leaves nothing behind`, async () => {
      const person = chatter(gateway);
      await streamed(person, 'Q', events);
      assert.equal(await person.kept(), null);
    });
  }
  test('after the reply was finished breaks it off', async () => {
    const person = chatter(gateway);
    const { exchange, hands } = await begin(upstream, person, 'Q', 'All of it.');
    hands.raw(event(last()));
    await sleep(2100); // it is written down every two seconds
    hands.raw(event({ error }));
    hands.end();
    assert.match((await exchange.response()).text, /out of memory/);
    assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'All of it.', 'incomplete']]);
  });
  test('in a whole answer with status 200 is an error', async () => {
    const person = chatter(gateway);
    upstream.next = [replies.json({ error })];
    const answer = await person.ask('Q');
    assert.deepEqual([answer.status, answer.json.error.code], [502, 'server_error']);
    assert.equal(await person.kept(), null);
  });
});

describe('what is said in another form', () => {
  test('half a surrogate pair is no reason to lose the rest', async () => {
    const person = chatter(gateway);
    const half = (escape) => JSON.stringify(piece('@')).replace('@', escape);
    const seen = await streamed(person, 'Q', [piece('Start. '), half('\\ud83d'), half('\\ude00 and more. '), piece('End.'), last(), '[DONE]']);
    assert.equal(replyOf(seen), 'Start. \u{1f600} and more. End.');
    assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'Start. \ufffd\ufffd and more. End.']]);
  });
  test('a chunk that is no JSON reaches the reader, and the reply is not called complete', async () => {
    const person = chatter(gateway);
    const seen = await streamed(person, 'Q', [piece('Start. '), '{"choices":[{"delta":{"content":"lost}}]}', piece('End.'), last(), '[DONE]']);
    assert.match(seen, /lost/);
    assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'Start. End.', 'incomplete']]);
  });
  test('content as a list of parts', async () => {
    const person = chatter(gateway);
    const parts = (text) => [{ type: 'thinking', thinking: [] }, { type: 'text', text }];
    await streamed(person, 'Q', [piece(parts('The answer ')), piece(parts('is 42.')), last(), '[DONE]']);
    upstream.next = [replies.completion(parts('And 43.'))];
    await person.ask('More');
    assert.deepEqual(await person.kept(), [['user', 'Q'], ['assistant', 'The answer is 42.'], ['user', 'More'], ['assistant', 'And 43.']]);
  });
  for (const index of [undefined, 1]) {
    test(`calls of tools ${index === undefined ? 'without index' : 'counted from 1'}`, async () => {
      const person = chatter(gateway);
      const call = { id: 'call_1', type: 'function', function: { name: 'now', arguments: '{}' } };
      await streamed(person, 'What time is it?', [chunk('', { delta: { tool_calls: [{ index, ...call }] } }), last('tool_calls'), '[DONE]']);
      const result = { role: 'tool', tool_call_id: 'call_1', content: '12:00' };
      assert.equal((await person.ask(result)).status, 200);
      assert.deepEqual(sent().slice(-1), [result]);
      assert.equal(sent().at(-2).tool_calls[0].id, 'call_1');
    });
  }
});

describe('what a server counts', () => {
  const totals = async ({ token }) => (await gateway.request('GET', '/v1/billing/usage', { token })).json.platform;
  test('zeros are no count: what was said is estimated', async () => {
    const person = chatter(gateway);
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    upstream.next = [replies.completion('x'.repeat(400), usage)];
    await person.ask('x'.repeat(40));
    const { requests, input_tokens: input, output_tokens: output } = await totals(person);
    assert.deepEqual([requests, input, output], [1, 10, 100]);
    const seen = await streamed(person, 'x'.repeat(40), [piece('x'.repeat(400)), last(), { ...chunk(''), choices: [], usage }, '[DONE]']);
    assert.doesNotMatch(seen, /usage/, 'nobody asked for it');
    assert.deepEqual((await totals(person)).output_tokens, 200);
  });
  test('a count at the beginning of a reply that breaks off is not all of it', async () => {
    const person = chatter(gateway);
    const first = { ...piece('Hi'), usage: { prompt_tokens: 9, completion_tokens: 1 } };
    await streamed(person, 'Q', [first, piece('x'.repeat(398))], breaks);
    const { input_tokens: input, output_tokens: output } = await totals(person);
    assert.deepEqual([input, output], [9, 100]);
  });
});
