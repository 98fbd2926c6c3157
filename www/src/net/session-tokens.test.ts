import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionTokens } from './session-tokens.ts';

function rig() {
  const asked: (string | null)[] = [];
  const tokens = new SessionTokens((sessionId) => {
    asked.push(sessionId);
    return Promise.resolve({ token: `t${asked.length}`, sessionId: sessionId ?? `s${asked.length}`, expiresAt: Date.now(), baseUrl: '' });
  });
  return { tokens, asked };
}

test('the first conversation shares its session with the calls that belong to none', () => {
  const { tokens } = rig();
  const first = tokens.of(null);
  assert.equal(tokens.shared, first);
});

test('so it is when the calls come first', () => {
  const { tokens } = rig();
  const { shared } = tokens;
  assert.equal(tokens.of(null), shared);
});

test('every further conversation has a session of its own', () => {
  const { tokens } = rig();
  const sources = [tokens.of(null), tokens.of(null), tokens.of(null)];
  assert.equal(new Set(sources).size, 3);
});

test('a conversation that goes on names its session', async () => {
  const { tokens, asked } = rig();
  await tokens.shared.get();
  await tokens.of('kept').get();
  assert.deepEqual(asked, [null, 'kept']);
  assert.equal(tokens.of('s1'), tokens.shared);
});

test('the next user gets other sources', () => {
  const { tokens } = rig();
  const before = tokens.of('kept');
  tokens.clear();
  assert.notEqual(tokens.of('kept'), before);
});
