import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countAt } from './usage.ts';

test('counts are numbers that are there', () => {
  assert.equal(countAt({ totals: { tokens: 5 } }, 'totals', 'tokens'), 5);
  for (const value of [null, {}, { totals: null }, { totals: { tokens: '5' } }, { totals: { tokens: -1 } }, 'x']) {
    assert.equal(countAt(value, 'totals', 'tokens'), null);
  }
});
