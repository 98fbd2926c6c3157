import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseBefore } from './history-loader.ts';

test('the pauses between questions grow, up to a few seconds', () => {
  const pauses = Array.from({ length: 20 }, (_, attempt) => pauseBefore(attempt));
  assert.equal(pauses[0], 1000);
  assert.ok(pauses.every((pause, index) => index === 0 || pause >= pauses[index - 1]!));
  assert.equal(pauses.at(-1), 5000);
});
