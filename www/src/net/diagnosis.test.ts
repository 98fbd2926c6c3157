import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, type Cause } from './diagnosis.ts';

const check = { message: 'found this', advice: 'do that', origin: 'https://chat.example.org', gateway: 'https://gateway.example' };

const table: [string, Cause][] = [
  ['allowed', 'between'],
  ['sameOrigin', 'between'],
  ['noAllowOrigin', 'origin'],
  ['otherOrigin', 'origin'],
  ['loopback', 'setup'],
  ['mixedContent', 'setup'],
  ['severalOrigins', 'setup'],
  ['headerRefused', 'setup'],
  ['methodRefused', 'setup'],
  ['redirect', 'setup'],
  ['status', 'down'],
  ['tls', 'down'],
  ['noSuchName', 'down'],
  ['refused', 'down'],
  ['timedOut', 'down'],
  ['unreachable', 'down'],
  ['broken', 'down'],
  ['of a newer server', 'down'],
  ['constructor', 'down'],
];

for (const [verdict, cause] of table) {
  test(`${verdict}: ${cause}`, () => assert.equal(diagnose({ ...check, verdict }).cause, cause));
}

test('everything that an operator needs is kept, as sentences', () => {
  const { message, ...rest } = diagnose({ ...check, verdict: 'noAllowOrigin' });
  assert.match(message, /does not let this site in/);
  assert.deepEqual(rest, {
    cause: 'origin',
    found: 'Found this.',
    advice: 'Do that.',
    origin: 'https://chat.example.org',
    gateway: 'https://gateway.example',
  });
});

test('there may be no advice', () => {
  const { advice: _, ...rest } = check;
  assert.equal(diagnose({ ...rest, verdict: 'allowed' }).advice, '');
});
