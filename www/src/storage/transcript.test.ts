import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTranscript, serializeTranscript, type StoredMessage, type Transcript } from './transcript.ts';

const message = (text: string, more: Partial<StoredMessage> = {}): StoredMessage => ({
  id: text.slice(0, 8),
  keptId: null,
  role: 'user',
  text,
  state: 'done',
  failure: null,
  draftRestored: false,
  ...more,
});

const transcript = (...messages: StoredMessage[]): Transcript => ({ threadId: 't', sessionId: 's', isKept: true, messages });

test('what is kept comes back', () => {
  const kept = transcript(message('question'), message('answer', { role: 'assistant', state: 'stopped' }));
  assert.deepEqual(parseTranscript(serializeTranscript(kept)), kept);
});

test('a reply that was streaming comes back incomplete', () => {
  const kept = transcript(message('question'), message('ans', { role: 'assistant', state: 'streaming' }));
  assert.equal(parseTranscript(serializeTranscript(kept))?.messages[1]?.state, 'incomplete');
});

test('the oldest messages give way when there is too much', () => {
  const kept = transcript(message('a'.repeat(1_000_000)), message('b'.repeat(1_000_000)));
  const back = parseTranscript(serializeTranscript(kept));
  assert.deepEqual(
    back?.messages.map(({ text }) => text[0]),
    ['b'],
  );
});

for (const json of [null, '', '{', 'null', '[]', '{"version":1}', '{"version":9,"threadId":"t","messages":[]}']) {
  test(`${json} is no transcript`, () => assert.equal(parseTranscript(json), null));
}

test('what is no message is left out', () => {
  const json = JSON.stringify({ version: 1, threadId: 't', messages: [null, 1, { id: 'x', text: 'y', role: 'system', state: 'done' }, message('ok')] });
  assert.deepEqual(
    parseTranscript(json)?.messages.map(({ text }) => text),
    ['ok'],
  );
});

const failed = (failure: unknown) => {
  const reply = { ...message('', { role: 'assistant', state: 'failed' }), failure };
  return parseTranscript(JSON.stringify({ version: 1, threadId: 't', messages: [reply] }))?.messages[0]?.failure;
};
const FAILURE = { kind: 'rateLimited', message: 'Slow down', status: 429, retryAfter: 7, details: { a: 1 }, traceId: 'x', diagnosis: null };
const DIAGNOSIS = { cause: 'down', message: 'Down', found: 'Nothing.', advice: '', origin: 'http://a', gateway: 'http://b' };

test('a failure comes back', () => {
  assert.deepEqual(failed(FAILURE), FAILURE);
  assert.deepEqual(failed({ ...FAILURE, diagnosis: DIAGNOSIS }), { ...FAILURE, diagnosis: DIAGNOSIS });
});

for (const failure of [1, 'text', [], {}, { kind: 'rateLimited', retryAfter: 3 }, { kind: 'toString', message: 'x' }]) {
  test(`${JSON.stringify(failure)} is no failure`, () => assert.equal(failed(failure), null));
}

test('parts of a failure that are none are left out', () => {
  const odd = { kind: 'cut', message: 'Lost', status: '1', retryAfter: {}, details: [], traceId: 5, diagnosis: { cause: 'toString' } };
  assert.deepEqual(failed(odd), { kind: 'cut', message: 'Lost', status: null, retryAfter: null, details: null, traceId: null, diagnosis: null });
});
