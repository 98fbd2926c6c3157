import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asList, asMessage, asPage, asThread, MESSAGES_AT_ONCE, placeOf } from './threads.ts';

test('a place in the list has the time, where it is known', () => {
  const [thread] = asThread({ id: 't1', last_message_at: '2026-11-23T10:20:30.456Z' });
  assert.equal(placeOf(thread!), '2026-11-23T10:20:30.456Z,t1');
  assert.equal(placeOf({ ...thread!, lastMessageAt: null }), 't1');
});

test('a thread has an id, a title and a time', () => {
  assert.deepEqual(asThread({ id: 'a', title: ' Hello ', last_message_at: '2026-11-23T10:00:00.000Z' }), [
    { id: 'a', title: 'Hello', lastMessageAt: Date.UTC(2026, 10, 23, 10) },
  ]);
  assert.deepEqual(asThread({ id: 'a' }), [{ id: 'a', title: '', lastMessageAt: null }]);
});

for (const value of [null, 7, 'a', {}, { id: '' }, { id: 7 }]) {
  test(`${JSON.stringify(value)} is no thread`, () => assert.deepEqual(asThread(value), []));
}

const messages: [string, unknown, unknown][] = [
  ['text', { id: '5', role: 'user', content: 'a', state: 'complete' }, { id: '5', role: 'user', text: 'a', state: 'done' }],
  ['a number as id', { id: 5, role: 'user', content: 'a' }, { id: '5', role: 'user', text: 'a', state: 'done' }],
  ['no id and no state', { role: 'assistant', content: 'a' }, { id: null, role: 'assistant', text: 'a', state: 'done' }],
  ['a state', { role: 'assistant', content: '', state: 'streaming' }, { id: null, role: 'assistant', text: '', state: 'streaming' }],
  [
    'parts',
    { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url' }, null, { type: 'text', text: 'b' }] },
    { id: null, role: 'user', text: 'ab', state: 'done' },
  ],
];

for (const [name, value, expected] of messages) {
  test(`a message: ${name}`, () => assert.deepEqual(asMessage(value), [expected]));
}

for (const value of [null, {}, { role: 'system', content: 'x' }, { role: 'tool', content: 'x' }, { role: 'assistant', content: null, tool_calls: [] }]) {
  test(`${JSON.stringify(value)} is not for show`, () => assert.deepEqual(asMessage(value), []));
}

test('a page tells whether there may be others before it, and whether some are not for show', () => {
  const says = (content: string) => ({ role: 'user', content });
  const full = Array.from({ length: MESSAGES_AT_ONCE }, () => says('x'));
  const told = (list: unknown[]) => {
    const { messages, mayHaveEarlier, hasOthers } = asPage(list);
    return [messages.length, mayHaveEarlier, hasOthers];
  };
  assert.deepEqual(told([]), [0, false, false]);
  assert.deepEqual(told(full.slice(1)), [MESSAGES_AT_ONCE - 1, false, false]);
  assert.deepEqual(told(full), [MESSAGES_AT_ONCE, true, false]);
  assert.deepEqual(told([{ role: 'system', content: 'x' }, ...full.slice(1)]), [MESSAGES_AT_ONCE - 1, true, true]);
  assert.deepEqual(told([says('x'.repeat(2_000_000))]), [1, true, false]);
  assert.deepEqual(told([...full, ...full]), [2 * MESSAGES_AT_ONCE, false, false], 'it knows nothing of pages');
  assert.deepEqual(told([null, says('x')]), [1, false, true]);
  assert.deepEqual(told(full.map(() => ({ role: 'tool', content: 'x' }))), [0, true, true]);
  const picture = { role: 'user', content: [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url: 'data:' } }] };
  assert.deepEqual(told([picture]), [1, false, true]);
  assert.deepEqual(told([{ role: 'assistant', content: 'I look.', tool_calls: [{ id: 'a' }] }]), [1, false, true]);
});

test('a list may be bare, within an object, or null; anything else is none', () => {
  assert.deepEqual([asList([1]), asList({ data: [1] }), asList({ data: null }), asList(null)], [[1], [1], [], []]);
  for (const other of [{}, { threads: [] }, { data: {} }, 'a', 7, undefined]) assert.throws(() => asList(other));
});
