import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wellFormed } from './well-formed.ts';

for (const [text, expected] of [
  ['', ''],
  ['a 😀 b', 'a 😀 b'],
  ['\ud83d', '\ufffd'],
  ['a\ude00\ud83d', 'a\ufffd\ufffd'],
  ['\ud83d\ud83d\ude00', '\ufffd😀'],
] as const) {
  test(JSON.stringify(text), () => assert.equal(wellFormed(text), expected));
}
