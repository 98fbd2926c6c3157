import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIConnectionError, APIError } from 'openai/core/error';
import { gatewayFailure, mintFailure, type FailureKind } from './failure.ts';
import { MethodError } from './method-error.ts';

const refusal = (status: number, error: object = {}, headers: Record<string, string> = {}) =>
  APIError.generate(status, { error }, undefined, new Headers(headers));

const kinds: [number, FailureKind][] = [
  [400, 'invalid'],
  [401, 'unauthorized'],
  [402, 'quota'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [422, 'invalid'],
  [429, 'rateLimited'],
  [500, 'server'],
  [503, 'server'],
];

for (const [status, kind] of kinds) {
  test(`status ${status} is ${kind}`, () => assert.equal(gatewayFailure(refusal(status)).kind, kind));
}

test('what the gateway says is kept', () => {
  const failure = gatewayFailure(
    refusal(429, { code: 'rate_limited', message: 'Slow down', details: { limit: 10 } }, { 'retry-after': '7', 'x-trace-id': 't1' }),
  );
  assert.deepEqual(failure, {
    kind: 'rateLimited',
    message: 'Slow down',
    status: 429,
    retryAfter: 7,
    details: { limit: 10 },
    traceId: 't1',
    diagnosis: null,
  });
});

test('a refusal without a message gets one', () => assert.match(gatewayFailure(refusal(502)).message, /problem/));
test('no answer', () => assert.equal(gatewayFailure(new APIConnectionError({ message: '' })).kind, 'unreachable'));
test('a broken stream', () => assert.equal(gatewayFailure(new TypeError('network error')).kind, 'cut'));

test('an error within the stream', () => {
  const failure = gatewayFailure(new APIError(undefined, { message: 'The model is gone' }, undefined, undefined));
  assert.deepEqual([failure.kind, failure.message], ['server', 'The model is gone']);
});

test('the mint', () => {
  assert.equal(mintFailure(new MethodError(401, 'Not signed in')).kind, 'unauthorized');
  assert.equal(mintFailure(new MethodError(0, 'No answer')).kind, 'offline');
  const busy = mintFailure(new MethodError(503, 'Try again soon', null, 2));
  assert.deepEqual([busy.kind, busy.message, busy.retryAfter], ['server', 'Try again soon', 2]);
});
