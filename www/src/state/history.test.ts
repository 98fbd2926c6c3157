import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earlierMessages, EVERY_TIME, ONCE } from './history.ts';

const turn = (question: string, answer: string) => [
  { role: 'user' as const, text: question, state: 'done' as const },
  { role: 'assistant' as const, text: answer, state: 'done' as const },
];

test('earlier messages go along in order', () => {
  assert.deepEqual(earlierMessages([...turn('a', 'b'), ...turn('c', 'd')]), [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { role: 'user', content: 'c' },
    { role: 'assistant', content: 'd' },
  ]);
});

test('a turn without an answer is left out', () => {
  assert.deepEqual(
    earlierMessages([...turn('a', ''), ...turn('c', 'd')]).map(({ content }) => content),
    ['c', 'd'],
  );
});

test('only so many messages', () => {
  const many = Array.from({ length: 50 }, (_, index) => turn(`q${index}`, `a${index}`)).flat();
  const sent = earlierMessages(many);
  assert.equal(sent.length, EVERY_TIME.messages);
  assert.equal(sent.at(-1)?.content, 'a49');
  assert.equal(earlierMessages(many, ONCE).length, 100);
});

test('only so many bytes, and a prompt first', () => {
  const big = 'é'.repeat(EVERY_TIME.bytes / 2);
  const sent = earlierMessages([...turn('a', big), ...turn('c', big.slice(1))]);
  assert.deepEqual(
    sent.map(({ content }) => content.length),
    [1, big.length - 1],
  );
});
