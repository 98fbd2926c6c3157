import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIConnectionError, APIError } from 'openai/core/error';
import { diagnose } from './diagnosis.ts';
import { MethodError } from './method-error.ts';
import type { Pause } from './pause.ts';
import { fetchReply, type Piece } from './reply.ts';
import type { Token } from './token.ts';

const piece = (text: string, finished = false): Piece => ({ text, finished });
const refusal = (status: number, headers: Record<string, string> = {}) =>
  APIError.generate(status, {}, undefined, new Headers(headers));

function tokenNamed(token: string): Token {
  return { token, sessionId: 's', expiresAt: 0, baseUrl: '' };
}

const diagnosisOf = (verdict: string) => diagnose({ verdict, message: 'found', origin: 'https://here.example', gateway: 'https://gateway.example' });

const never = () => assert.fail('nothing to find out');

/** Plays one script per request; an error in a script is thrown. */
function rig(...scripts: (Piece | Error)[][]) {
  const controller = new AbortController();
  const used: string[] = [];
  const discarded: string[] = [];
  const pauses: (Pause | null)[] = [];
  const slept: number[] = [];
  const diagnoses = { asked: 0, answer: Promise.resolve(diagnosisOf('allowed')) };
  const sleeps = { long: false };
  const connection = { isOnline: true };
  let text = '';
  let minted = 0;
  const run = () =>
    fetchReply({
      tokens: {
        get: () => Promise.resolve(tokenNamed(`t${minted}`)),
        discard: ({ token }) => {
          discarded.push(token);
          minted++;
        },
      },
      open: async function* ({ token }) {
        used.push(token);
        for (const step of scripts.shift() ?? []) {
          if (step instanceof Error) throw step;
          yield step;
        }
      },
      signal: controller.signal,
      onText: (more) => (text += more),
      onPause: (pause) => pauses.push(pause),
      isOnline: () => connection.isOnline,
      diagnose: () => {
        diagnoses.asked++;
        return diagnoses.answer;
      },
      sleep: (seconds, signal, onSecond) => {
        slept.push(seconds);
        onSecond(Math.ceil(seconds));
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve());
          if (!sleeps.long) setTimeout(resolve);
        });
      },
    });
  return { run, controller, used, discarded, pauses, slept, sleeps, diagnoses, connection, text: () => text };
}

test('a whole reply', async () => {
  const { run, text } = rig([piece('Hel'), piece('lo'), piece('', true)]);
  assert.deepEqual(await run(), { end: 'complete' });
  assert.equal(text(), 'Hello');
});

test('an end without a reason is incomplete', async () => {
  assert.deepEqual(await rig([piece('Hel')]).run(), { end: 'incomplete', failure: null });
});

test('a cut connection keeps what came, and asks no second time', async () => {
  const { run, used, text } = rig([piece('Hel'), new TypeError('network error')], [piece('again', true)]);
  const outcome = await run();
  assert.equal(outcome.end, 'incomplete');
  assert.equal(text(), 'Hel');
  assert.equal(used.length, 1);
});

test('a connection that is cut when all has been said takes nothing with it', async () => {
  const { run, text } = rig([piece('Hello'), piece('', true), new TypeError('network error')]);
  assert.deepEqual(await run(), { end: 'complete' });
  assert.equal(text(), 'Hello');
});

test('what the gateway says after that, or where each piece is called the last one, is another matter', async () => {
  const failing = new APIError(undefined, { message: 'out of memory' }, undefined, undefined);
  for (const script of [
    [piece('Hello'), piece('', true), failing],
    [piece('Hel', true), piece('lo', true), new TypeError('network error')],
  ]) {
    assert.equal((await rig(script).run()).end, 'incomplete');
  }
  assert.equal((await rig([piece('', true), new TypeError('network error')]).run()).end, 'failed');
});

test('401 once: a new token and one repetition', async () => {
  const { run, used, discarded } = rig([refusal(401)], [piece('Hello', true)]);
  assert.deepEqual(await run(), { end: 'complete' });
  assert.deepEqual(used, ['t0', 't1']);
  assert.deepEqual(discarded, ['t0']);
});

test('401 twice leads to sign-in', async () => {
  const { run, used } = rig([refusal(401)], [refusal(401)]);
  const outcome = await run();
  assert.ok(outcome.end === 'failed' && outcome.step === 'sign-in');
  assert.equal(used.length, 2);
});

test('403 leads out', async () => {
  const outcome = await rig([refusal(403)]).run();
  assert.ok(outcome.end === 'failed' && outcome.step === 'sign-out');
});

test('a mint that knows no session leads to sign-in', async () => {
  const outcome = await fetchReply({
    tokens: { get: () => Promise.reject(new MethodError(401, 'Not signed in')), discard: () => {} },
    open: () => assert.fail('nothing to open without a token'),
    signal: new AbortController().signal,
    onText: () => {},
    onPause: () => {},
    diagnose: never,
  });
  assert.ok(outcome.end === 'failed' && outcome.step === 'sign-in');
});

test('stopping does not wait for a mint that hangs', async () => {
  const controller = new AbortController();
  const reply = fetchReply({
    tokens: { get: () => new Promise<never>(() => {}), discard: () => {} },
    open: () => assert.fail('stopped before'),
    signal: controller.signal,
    onText: () => {},
    onPause: () => {},
    diagnose: never,
  });
  controller.abort();
  assert.deepEqual(await reply, { end: 'stopped' });
});

test('nothing is handed on after stopping', async () => {
  const controller = new AbortController();
  let text = '';
  const outcome = await fetchReply({
    tokens: { get: () => Promise.resolve(tokenNamed('t')), discard: () => {} },
    open: async function* () {
      yield piece('before');
      controller.abort();
      yield piece('after', true);
    },
    signal: controller.signal,
    onText: (more) => (text += more),
    onPause: () => {},
    diagnose: never,
  });
  assert.deepEqual(outcome, { end: 'stopped' });
  assert.equal(text, 'before');
});

test('402: the token goes, since a raised tier comes with the next one, and nothing is repeated', async () => {
  const { run, used, discarded } = rig([refusal(402)], [piece('no', true)]);
  const outcome = await run();
  assert.ok(outcome.end === 'failed' && outcome.failure.kind === 'quota');
  assert.deepEqual([used, discarded], [['t0'], ['t0']]);
});

test('429: waited for as long as it says, then one retry', async () => {
  const { run, used, slept, pauses } = rig([refusal(429, { 'retry-after': '12' })], [piece('Hello', true)]);
  assert.deepEqual(await run(), { end: 'complete' });
  assert.equal(used.length, 2);
  assert.deepEqual(slept, [12]);
  assert.deepEqual(pauses.map((pause) => pause && [pause.counts, pause.secondsLeft]), [[true, 12], null]);
});

test('429 twice: only one retry', async () => {
  const { run, used } = rig([refusal(429)], [refusal(429)], [piece('no', true)]);
  assert.equal((await run()).end, 'failed');
  assert.equal(used.length, 2);
});

for (const [name, error] of [
  ['5xx', refusal(503)],
  ['no answer', new APIConnectionError({ message: '' })],
] as const) {
  test(`${name}: at most three requests, with growing pauses`, async () => {
    const { run, used, slept, pauses } = rig([error], [error], [error], [piece('no', true)]);
    assert.equal((await run()).end, 'failed');
    assert.equal(used.length, 3);
    assert.equal(slept.length, 2);
    assert.ok(slept[1]! > slept[0]!);
    assert.ok(pauses.every((pause) => !pause?.counts));
  });

  test(`${name}: the third request may work`, async () => {
    const { run, text } = rig([error], [error], [piece('Hello', true)]);
    assert.deepEqual(await run(), { end: 'complete' });
    assert.equal(text(), 'Hello');
  });

  test(`${name} after the first piece: never again`, async () => {
    const { run, used } = rig([piece('Hel'), error], [piece('no', true)]);
    assert.equal((await run()).end, 'incomplete');
    assert.equal(used.length, 1);
  });
}

test('a stop within a pause sends nothing more', async () => {
  const controller = new AbortController();
  let opened = 0;
  const outcome = await fetchReply({
    tokens: { get: () => Promise.resolve(tokenNamed('t')), discard: () => {} },
    open: async function* () {
      opened++;
      throw refusal(429, { 'retry-after': '60' });
    },
    signal: controller.signal,
    onText: () => {},
    onPause: (pause) => pause && controller.abort(),
    diagnose: never,
  });
  assert.deepEqual(outcome, { end: 'stopped' });
  assert.equal(opened, 1);
});

const unreachable = new APIConnectionError({ message: '' });

for (const verdict of ['noAllowOrigin', 'loopback']) {
  test(`${verdict}: nothing is repeated once that is found, which does not wait for the pause`, async () => {
    const { run, used, sleeps, diagnoses } = rig([unreachable], [piece('no', true)]);
    sleeps.long = true;
    diagnoses.answer = Promise.resolve(diagnosisOf(verdict));
    const outcome = await run();
    assert.ok(outcome.end === 'failed' && outcome.step === 'show');
    assert.equal(outcome.failure.diagnosis?.found, 'Found.');
    assert.equal(used.length, 1);
  });
}

test('a service that is down keeps its three requests, looked into once', async () => {
  const { run, used, diagnoses } = rig([unreachable], [unreachable], [unreachable]);
  diagnoses.answer = Promise.resolve(diagnosisOf('refused'));
  const outcome = await run();
  assert.ok(outcome.end === 'failed');
  assert.equal(outcome.failure.diagnosis?.cause, 'down');
  assert.deepEqual([used.length, diagnoses.asked], [3, 1]);
});

test('what is not found out by the end is told later; what cannot be is null', async () => {
  const { run, diagnoses } = rig([unreachable], [unreachable], [unreachable]);
  let refuse = (_: Error) => {};
  diagnoses.answer = new Promise((_, reject) => (refuse = reject));
  const outcome = await run();
  assert.ok(outcome.end === 'failed' && outcome.diagnosis);
  assert.equal(outcome.failure.diagnosis, null);
  refuse(new Error('no answer'));
  assert.equal(await outcome.diagnosis, null);
});

test('nothing is looked into when the gateway answers, or answered', async () => {
  for (const script of [[refusal(503)], [piece('Hel'), unreachable]]) {
    const { run, diagnoses } = rig(script, script, script);
    await run();
    assert.equal(diagnoses.asked, 0);
  }
});

test('a device that is offline says so at once, and nothing is repeated or looked into', async () => {
  const { run, used, diagnoses, connection } = rig([unreachable], [piece('no', true)]);
  connection.isOnline = false;
  const outcome = await run();
  assert.ok(outcome.end === 'failed' && outcome.failure.kind === 'disconnected');
  assert.deepEqual([used.length, diagnoses.asked], [1, 0]);
});

test('what answers a device that calls itself offline is as good as any', async () => {
  const { run, connection } = rig([refusal(503)], [piece('Hello', true)]);
  connection.isOnline = false;
  assert.deepEqual(await run(), { end: 'complete' });
});
