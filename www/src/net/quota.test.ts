import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotaFacts } from './quota.ts';

test('what behest-gateway names', () => {
  const details = { tier: 1, limit: 50_000, used: 50_123, kind: 'tokens_per_day', resets_at: '2026-11-24T00:00:00.000Z' };
  assert.deepEqual(quotaFacts(details), {
    tier: 1,
    used: 50_123,
    limit: 50_000,
    unit: 'tokens',
    resetsAt: new Date('2026-11-24T00:00:00Z'),
  });
});

test('other names', () => {
  const { tier, used, unit } = quotaFacts({ tier: 'free', usage: 100, kind: 'requests_per_day' });
  assert.deepEqual([tier, used, unit], ['free', 100, 'requests']);
});

for (const details of [null, {}, { tier: {}, limit: '5', used: -1, usage: 1e300, kind: 7, resets_at: 'soon' }, { tier: null, limit: NaN }]) {
  test(`nothing usable in ${JSON.stringify(details)}`, () => {
    assert.deepEqual(quotaFacts(details), { tier: null, used: null, limit: null, unit: null, resetsAt: null });
  });
}
