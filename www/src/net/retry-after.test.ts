import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterSeconds } from './retry-after.ts';

const now = Date.parse('2026-11-23T10:00:00Z');

for (const [value, seconds] of [
  ['30', 30],
  ['0.5', 1],
  ['-5', 0],
  ['9'.repeat(400), null],
  ['Mon, 23 Nov 2026 10:00:05 GMT', 5],
  ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
  ['soon', null],
  ['', null],
  [null, null],
] as const) {
  test(`Retry-After: ${value}`, () => assert.equal(retryAfterSeconds(value, now), seconds));
}
