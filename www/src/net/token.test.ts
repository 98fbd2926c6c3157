import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIN_SECONDS_LEFT, TokenSource, type Token } from './token.ts';

function source(sessionId: string | null = null) {
  const asked: (string | null)[] = [];
  const clock = { now: 1000 };
  const answers: ((token: Token) => void)[] = [];
  const tokens = new TokenSource(
    (sessionId) => {
      asked.push(sessionId);
      return new Promise((resolve) => answers.push(resolve));
    },
    sessionId,
    () => clock.now,
  );
  const answer = (name: string, sessionId = 'first', ttl = 900) =>
    answers.shift()!({ token: name, sessionId, expiresAt: clock.now + ttl, baseUrl: 'https://gateway.example' });
  return { tokens, asked, clock, answer };
}

test('five parallel requests cause one mint', async () => {
  const { tokens, asked, answer } = source();
  const waiting = Array.from({ length: 5 }, () => tokens.get());
  answer('a');
  assert.deepEqual(new Set((await Promise.all(waiting)).map(({ token }) => token)), new Set(['a']));
  assert.equal(asked.length, 1);
});

test('a token is reused while it has more than the least time left, and then minted once more with its session', async () => {
  const { tokens, asked, clock, answer } = source();
  const first = tokens.get();
  answer('a');
  await first;
  clock.now += 900 - MIN_SECONDS_LEFT - 1;
  assert.equal((await tokens.get()).token, 'a');
  clock.now += 1;
  const waiting = Array.from({ length: 5 }, () => tokens.get());
  answer('b');
  assert.deepEqual(new Set((await Promise.all(waiting)).map(({ token }) => token)), new Set(['b']));
  assert.deepEqual(asked, [null, 'first']);
});

test('a refused token is given up once, whoever reports it', async () => {
  const { tokens, asked, answer } = source();
  const pending = tokens.get();
  answer('a');
  const refused = await pending;
  tokens.discard(refused);
  const renewed = tokens.get();
  answer('b');
  await renewed;
  tokens.discard(refused);
  assert.equal((await tokens.get()).token, 'b');
  assert.equal(asked.length, 2);
});

test('a token can be renewed before its time', async () => {
  const { tokens, asked, answer } = source();
  const first = tokens.get();
  answer('a');
  await first;
  tokens.renew();
  const second = tokens.get();
  answer('b');
  assert.equal((await second).token, 'b');
  assert.deepEqual(asked, [null, 'first']);
});

test('a failed mint is not kept', async () => {
  let calls = 0;
  const tokens = new TokenSource(() => {
    calls++;
    return Promise.reject(new Error('down'));
  });
  await assert.rejects(tokens.get());
  await assert.rejects(tokens.get());
  assert.equal(calls, 2);
});

test('a session that goes on is named to the mint', () => {
  const { tokens, asked } = source('kept');
  void tokens.get();
  assert.deepEqual(asked, ['kept']);
});
