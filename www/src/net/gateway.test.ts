import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieceOf } from './gateway.ts';

const chunk = (delta: unknown, reason: unknown = null) => ({ choices: [{ index: 0, delta, finish_reason: reason }] });

for (const [name, value, expected] of [
  ['text', chunk({ content: 'a' }), [{ text: 'a', finished: false }]],
  ['the end', chunk({}, 'stop'), [{ text: '', finished: true }]],
  ['the end with text', chunk({ content: 'a' }, 'length'), [{ text: 'a', finished: true }]],
  ['text in parts', chunk({ content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] }), [{ text: 'ab', finished: false }]],
  ['no text', chunk({ content: null }), [{ text: '', finished: false }]],
  ['what is no text', chunk({ content: 5 }), [{ text: '', finished: false }]],
  ['no delta', chunk(undefined), [{ text: '', finished: false }]],
  ['no choice', { choices: [] }, []],
  ['no choices', { usage: { total_tokens: 3 } }, []],
  ['null', null, []],
] as const) {
  test(name, () => assert.deepEqual(pieceOf(value), expected));
}
