import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countAt, tierOf } from './usage.ts';

const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

test('the tier of a token, whatever else is in it', () => {
  assert.equal(tierOf(token({ uid: 'Zoë?>?>~~~', tier: 3 })), 3);
});

for (const text of [token({}), token({ tier: '1' }), token({ tier: 1.5 }), token(null), 'x', '', 'a.b', 'a.%%%.c']) {
  test(`no tier in ${text.slice(0, 40)}`, () => assert.equal(tierOf(text), null));
}

test('counts are numbers that are there', () => {
  assert.equal(countAt({ totals: { tokens: 5 } }, 'totals', 'tokens'), 5);
  for (const value of [null, {}, { totals: null }, { totals: { tokens: '5' } }, { totals: { tokens: -1 } }, 'x']) {
    assert.equal(countAt(value, 'totals', 'tokens'), null);
  }
});
