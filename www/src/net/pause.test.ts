import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayFailure } from './failure.ts';
import { describePause, waitFor } from './pause.ts';

test('each second that is left is told once, from the whole on', async () => {
  const told: number[] = [];
  await waitFor(1.2, new AbortController().signal, (left) => told.push(left));
  assert.deepEqual(told, [2, 1]);
});

test('stopping ends it, before or meanwhile', async () => {
  await waitFor(600, AbortSignal.abort(), () => assert.fail('nothing is left'));
  const controller = new AbortController();
  const waiting = waitFor(600, controller.signal, () => {});
  controller.abort();
  await waiting;
});

test('a countdown says why and how long, a short pause only that it goes on', () => {
  const failure = { ...gatewayFailure(null), message: 'Slow down' };
  assert.equal(describePause({ failure, counts: true, secondsLeft: 12 }), 'Slow down. Trying again in 12 seconds.');
  assert.match(describePause({ failure, counts: false, secondsLeft: 1 }), /Trying again/);
});
