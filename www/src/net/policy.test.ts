import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure, FailureKind } from './failure.ts';
import { nextStep, pauseSeconds, waitSeconds, type Progress, type Step } from './policy.ts';

const failure = (kind: FailureKind, more: Partial<Failure> = {}): Failure => ({
  kind,
  message: '',
  status: kind === 'server' ? 503 : null,
  retryAfter: null,
  details: null,
  traceId: null,
  diagnosis: null,
  ...more,
});

const start: Progress = { refreshed: false, received: false, minting: false, outages: 1, waited: false };
const table: [FailureKind, Partial<Progress>, Step, Partial<Failure>?][] = [
  ['unauthorized', {}, 'refresh'],
  ['unauthorized', { refreshed: true }, 'sign-in'],
  ['unauthorized', { minting: true }, 'sign-in'],
  ['unauthorized', { received: true }, 'show'],
  ['forbidden', {}, 'sign-out'],
  ['forbidden', { minting: true }, 'sign-out'],
  ['quota', {}, 'show'],
  ['invalid', {}, 'show'],
  ['notFound', {}, 'show'],
  ['rateLimited', {}, 'wait'],
  ['rateLimited', {}, 'wait', { retryAfter: 12 }],
  ['rateLimited', { waited: true }, 'show'],
  ['rateLimited', {}, 'show', { retryAfter: 3600 }],
  ['rateLimited', { received: true }, 'show'],
  ['server', {}, 'repeat'],
  ['server', { outages: 2 }, 'repeat'],
  ['server', { outages: 3 }, 'show'],
  ['server', { received: true }, 'show'],
  ['server', {}, 'repeat', { retryAfter: 2 }],
  ['server', {}, 'show', { retryAfter: 60 }],
  ['server', {}, 'show', { status: null }],
  ['server', { minting: true }, 'repeat'],
  ['unreachable', { outages: 2 }, 'repeat'],
  ['unreachable', { outages: 3 }, 'show'],
  ['offline', { minting: true }, 'repeat'],
  ['cut', {}, 'show'],
  ['cut', { received: true }, 'show'],
];

for (const [kind, progress, step, more] of table) {
  test(`${kind} ${JSON.stringify({ ...progress, ...more })} leads to ${step}`, () => {
    assert.equal(nextStep(failure(kind, more), { ...start, ...progress }), step);
  });
}

test('pauses grow, and are not the same for everybody', () => {
  const [least, most] = [() => 0, () => 1];
  assert.ok(pauseSeconds(failure('server'), 1, most) < pauseSeconds(failure('server'), 2, least));
  assert.ok(pauseSeconds(failure('server'), 1, least) < pauseSeconds(failure('server'), 1, most));
  assert.equal(pauseSeconds(failure('server', { retryAfter: 7 }), 1), 7);
});

test('a 429 is waited for as long as it says, or for a moment', () => {
  assert.equal(waitSeconds(failure('rateLimited', { retryAfter: 12 })), 12);
  assert.equal(waitSeconds(failure('rateLimited', { retryAfter: 0 })), 1);
  assert.ok(waitSeconds(failure('rateLimited')) > 0);
});
