import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure, FailureKind } from './failure.ts';
import { nextStep, type Step } from './policy.ts';

const failure = (kind: FailureKind): Failure => ({
  kind,
  message: '',
  status: null,
  retryAfter: null,
  details: null,
  traceId: null,
  diagnosis: null,
});

const start = { refreshed: false, received: false, minting: false };

const table: [FailureKind, Partial<typeof start>, Step][] = [
  ['unauthorized', {}, 'refresh'],
  ['unauthorized', { refreshed: true }, 'sign-in'],
  ['unauthorized', { minting: true }, 'sign-in'],
  ['unauthorized', { received: true }, 'show'],
  ['forbidden', {}, 'sign-out'],
  ['forbidden', { minting: true }, 'sign-out'],
  ['quota', {}, 'show'],
  ['rateLimited', {}, 'show'],
  ['server', {}, 'show'],
  ['unreachable', {}, 'show'],
  ['offline', { minting: true }, 'show'],
  ['cut', { received: true }, 'show'],
];

for (const [kind, progress, step] of table) {
  test(`${kind} ${JSON.stringify(progress)} leads to ${step}`, () => {
    assert.equal(nextStep(failure(kind), { ...start, ...progress }), step);
  });
}
