import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf } from './claims.ts';

const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

test('the user and the tier of a token, whatever else is in it', () => {
  assert.deepEqual(claimsOf(token({ uid: 'Zoë?>?>~~~', tier: 3, sid: 'x' })), { userId: 'Zoë?>?>~~~', tier: 3 });
});

for (const text of [token({}), token({ uid: 7, tier: '1' }), token({ tier: 1.5 }), token(null), token(7), 'x', '', 'a.b', 'a.%%%.c']) {
  test(`neither in ${text.slice(0, 40)}`, () => assert.deepEqual(claimsOf(text), { userId: null, tier: null }));
}
