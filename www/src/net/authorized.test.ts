import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIError } from 'openai/core/error';
import { authorized, authorizedCalls, CallError } from './authorized.ts';
import { MethodError } from './method-error.ts';
import type { Token } from './token.ts';

const refusal = (status: number) => APIError.generate(status, {}, undefined, new Headers());

function rig() {
  let minted = 0;
  const used: string[] = [];
  const tokens = {
    get: () => Promise.resolve({ token: `t${minted}`, sessionId: 's', expiresAt: 0, baseUrl: '' }),
    discard: () => void minted++,
  };
  const callThat = (...answers: (string | Error)[]) =>
    authorized(tokens, ({ token }: Token) => {
      used.push(token);
      const answer = answers.shift()!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    });
  return { callThat, used };
}

test('a refused token is minted anew, and the call repeated', async () => {
  const { callThat, used } = rig();
  assert.equal(await callThat(refusal(401), 'fine'), 'fine');
  assert.deepEqual(used, ['t0', 't1']);
});

test('once', async () => {
  const { callThat, used } = rig();
  await assert.rejects(callThat(refusal(401), refusal(401), 'fine'), (error: CallError) => error.failure.kind === 'unauthorized' && !error.hasExpired);
  assert.deepEqual(used, ['t0', 't1']);
});

test('any other refusal is told as it is', async () => {
  const { callThat, used } = rig();
  await assert.rejects(callThat(refusal(404), 'fine'), (error: CallError) => error.isMissing);
  assert.equal(used.length, 1);
});

test('a mint that refuses is told apart, and told', async () => {
  const expired: string[] = [];
  const tokens = { get: () => Promise.reject(new MethodError(401, 'Not signed in')), discard: () => {} };
  const call = authorizedCalls({ tokens: () => tokens, onExpired: (reason) => void expired.push(reason) });
  await assert.rejects(call(() => Promise.resolve()), (error: CallError) => error.hasExpired && !error.isMissing);
  assert.equal(expired.length, 1);
});

test('a mint that is not found does not mean that a thread is', async () => {
  const tokens = { get: () => Promise.reject(new MethodError(404, 'No such method')), discard: () => {} };
  await assert.rejects(authorized(tokens, () => Promise.resolve()), (error: CallError) => !error.isMissing);
});
