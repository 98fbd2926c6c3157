// Clients that send the whole conversation each time, with an X-Thread-Id.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startGateway } from '../lib/gateway.mjs';
import { eventually } from '../lib/program.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always = replies.completion('fine');
});
const gateway = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model',
  GATEWAY_TIERS: '1:100000,100000,2000000000' } });
after(() => gateway.stop());

const says = (role, content) => ({ role, content });
const user = (content) => says('user', content);
const fine = says('assistant', 'fine');
const sent = () => upstream.requests.at(-1).body.messages;

/** A client that keeps its own list, as most programs around OpenAI's SDK do. */
function client() {
  const token = gateway.token();
  const headers = { 'x-thread-id': randomUUID() };
  return {
    token, headers,
    ask: (...messages) => gateway.chat(token, { messages }, { headers }),
    kept: async () => (await gateway.request('GET', `/v1/threads/${headers['x-thread-id']}/messages`, { token })).json
      .map(({ role, content, state }) => (state === 'complete' ? [role, content] : [role, content, state])),
  };
}

const pairs = (messages) => messages.map(({ role, content }) => [role, content]);

describe('a client that sends all of a conversation', () => {
  test('has only what is new kept, and sent on once', async () => {
    const { ask, kept } = client();
    const list = [says('system', 'Be brief.')];
    for (const question of ['One', 'Two', 'Three', 'Four']) {
      list.push(user(question));
      assert.equal((await ask(...list)).status, 200);
      assert.deepEqual(sent(), list);
      list.push(fine);
    }
    assert.deepEqual(await kept(), pairs(list));
  });
  test('may send several new messages, and what SDKs add to a reply', async () => {
    const { ask, kept } = client();
    await ask(user('One'));
    await ask(user('One'), { ...fine, refusal: null, tool_calls: null, annotations: [] }, user('Two'), says('assistant', 'two'), user('Three'));
    assert.deepEqual(await kept(), pairs([user('One'), fine, user('Two'), says('assistant', 'two'), user('Three'), fine]));
  });
  test('may change its instructions', async () => {
    const { ask, kept } = client();
    await ask(says('system', 'A'), user('One'));
    await ask(says('system', 'B'), user('One'), fine, user('Two'));
    assert.deepEqual((await kept()).filter(([role]) => role !== 'system'), pairs([user('One'), fine, user('Two'), fine]));
    assert.deepEqual(sent().filter(({ role }) => role === 'system').at(-1), says('system', 'B'));
  });
  test('may call tools', async () => {
    const { ask, kept } = client();
    const call = { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'now', arguments: '{}' } }] };
    upstream.next = [replies.json({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'scripted',
      choices: [{ index: 0, message: call, finish_reason: 'tool_calls' }] })];
    const result = { role: 'tool', tool_call_id: 'call_1', content: '12:00' };
    await ask(user('What time is it?'));
    await ask(user('What time is it?'), call, result);
    assert.deepEqual(sent().map(({ role }) => role), ['user', 'assistant', 'tool']);
    await ask(user('What time is it?'), call, result, fine, user('Thanks'));
    assert.deepEqual((await kept()).map(([role]) => role), ['user', 'assistant', 'tool', 'assistant', 'user', 'assistant']);
  });
  test('tries again without a second copy', async () => {
    const { ask, kept, token, headers } = client();
    await ask(user('One'));
    for (const piece of ['', 'half ']) {
      let hands;
      upstream.next = [replies.byHand((given) => { hands = given; })];
      const exchange = await gateway.stream(token, { messages: [user('One'), fine, user('Two')], stream: true }, { headers });
      await eventually(() => hands, 'the upstream was not asked');
      if (piece) hands.piece(piece);
      if (piece) await exchange.chunks().next();
      exchange.abort();
      await eventually(async () => (await kept()).at(-1)[2] === 'stopped' && (await kept()).length === 4, 'it was not marked stopped');
    }
    await ask(user('One'), fine, user('Two'));
    assert.deepEqual(await kept(), pairs([user('One'), fine, user('Two'), fine]));
  });
  test('goes on after a reply that was stopped', async () => {
    const { ask, kept, token, headers } = client();
    let hands;
    upstream.next = [replies.byHand((given) => { hands = given; })];
    const exchange = await gateway.stream(token, { messages: [user('One')], stream: true }, { headers });
    await eventually(() => hands, 'the upstream was not asked');
    hands.piece('half');
    await exchange.chunks().next();
    exchange.abort();
    await eventually(async () => (await kept()).at(-1)[2] === 'stopped', 'it was not marked stopped');
    await ask(user('One'), says('assistant', 'half'), user('Two'));
    assert.deepEqual(await kept(), [['user', 'One'], ['assistant', 'half', 'stopped'], ['user', 'Two'], ['assistant', 'fine']]);
  });
});

describe('what does not begin with all that is kept is new', () => {
  for (const [name, messages] of Object.entries({
    'another question': [user('Other'), fine, user('Next')],
    'another reply': [user('One'), says('assistant', 'other'), user('Next')],
    'another role': [says('assistant', 'One'), fine, user('Next')],
    'a part of it': [user('One'), fine],
    'its end': [fine, user('Two'), fine, user('Next')],
    'a gap': [user('One'), fine, user('Next'), fine, user('Last')],
    'a question as parts': [user([{ type: 'text', text: 'One' }]), fine, user('Two'), fine, user('Next')],
    'nothing new': [user('One'), fine, user('Two'), fine],
  })) {
    test(name, async () => {
      const { ask, kept } = client();
      await ask(user('One'));
      await ask(user('Two'));
      await ask(...messages);
      assert.equal((await kept()).length, 4 + messages.length + 1);
    });
  }
});
