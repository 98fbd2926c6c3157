import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration } from './duration.ts';

const table: [number, string][] = [
  [0, '0 seconds'],
  [1, '1 second'],
  [12, '12 seconds'],
  [120, '120 seconds'],
  [121, '3 minutes'],
  [7200, '120 minutes'],
  [86_400, '24 hours'],
  [200_000, '3 days'],
];

for (const [seconds, text] of table) {
  test(`${seconds} s`, () => assert.equal(duration(seconds), text));
}
