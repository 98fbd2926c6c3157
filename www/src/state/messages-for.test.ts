import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenSource } from '../net/token.ts';
import { Conversation } from './conversation.ts';
import { messagesFor } from './messages-for.ts';

function rig() {
  const conversation = new Conversation('t', new TokenSource(() => Promise.reject(new Error('no token is needed'))));
  const { reply } = conversation.addTurn('One?');
  reply.text.value = 'First.';
  const { prompt } = conversation.addTurn('Two?');
  return { conversation, prompt };
}

const one = { role: 'user', content: 'One?' };
const first = { role: 'assistant', content: 'First.' };
const two = { role: 'user', content: 'Two?' };
const gateway = (keeps: boolean) => ({ askWhetherKept: () => Promise.resolve(keeps) });

for (const [what, keeps, isKept, expected] of [
  ['a gateway that keeps no threads is sent the earlier messages each time', false, true, [one, first, two]],
  ['one that has the thread is sent the new message alone', true, true, [two]],
  ['one that never had the thread is sent the earlier messages', true, false, [one, first, two]],
] as const) {
  test(what, async () => {
    const { conversation, prompt } = rig();
    conversation.isKept = isKept;
    assert.deepEqual(await messagesFor(conversation, prompt, gateway(keeps)), expected);
  });
}

test('without earlier messages there is nothing to ask', async () => {
  const { conversation } = rig();
  const [prompt] = conversation.messages.peek();
  assert.deepEqual(await messagesFor(conversation, prompt!, { askWhetherKept: () => assert.fail('asked') }), [one]);
});
