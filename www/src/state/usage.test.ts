import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { APIError } from 'openai/core/error';
import type { Token } from '../net/token.ts';
import type { DayUsage } from '../net/usage.ts';
import { Usage } from './usage.ts';

const token: Token = { token: `e30.${btoa('{"tier":2}')}.x`, sessionId: 's', expiresAt: 0, baseUrl: '' };

const day = (tokens: number, requests: number): DayUsage => ({ tokens, requests, tokensAllowed: null, requestsAllowed: null });

function rig(...answers: (DayUsage | null | Error)[]) {
  const discarded: Token[] = [];
  let asked = 0;
  const usage = new Usage({
    tokens: () => ({ get: () => Promise.resolve(token), discard: (refused) => void discarded.push(refused) }),
    read: () => {
      const answer = answers[asked++] ?? null;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { usage, discarded, asked: () => asked };
}

const soon = () => new Promise((resolve) => setTimeout(resolve));

test('the first token tells tier and usage; later ones ask no more', async () => {
  const { usage, asked } = rig(day(5, 1));
  usage.noteToken(token);
  await soon();
  assert.deepEqual([usage.tier.value, usage.today.value], [2, day(5, 1)]);
  usage.noteToken(token);
  assert.equal(asked(), 1);
});

test('a gateway without usage shows none', async () => {
  const { usage } = rig(null);
  usage.noteToken(token);
  await soon();
  assert.equal(usage.today.value, null);
  assert.equal(usage.hasFailed.value, false);
});

test('asked anew when opened and after each reply, and only while open', async () => {
  const { usage, asked } = rig(day(1, 1), day(2, 2));
  const isStreaming = signal(false);
  usage.follow(isStreaming);
  assert.equal(asked(), 0);
  usage.isOpen.value = true;
  await soon();
  assert.equal(asked(), 1);
  isStreaming.value = true;
  isStreaming.value = false;
  await soon();
  assert.equal(usage.today.value?.tokens, 2);
  usage.isOpen.value = false;
  isStreaming.value = true;
  isStreaming.value = false;
  assert.equal(asked(), 2);
});

test('a failure keeps what was known; a refused token is given up', async () => {
  const { usage, discarded } = rig(day(1, 1), APIError.generate(401, {}, undefined, new Headers()), day(2, 1));
  await usage.refresh();
  await usage.refresh();
  assert.deepEqual([usage.hasFailed.value, usage.today.value?.tokens, discarded], [true, 1, [token]]);
  await usage.refresh();
  assert.deepEqual([usage.hasFailed.value, usage.today.value?.tokens], [false, 2]);
});

test('what comes after sign-out is nobody’s', async () => {
  const { usage } = rig(day(5, 1));
  const asking = usage.refresh();
  usage.clear();
  await asking;
  assert.equal(usage.today.value, null);
});
