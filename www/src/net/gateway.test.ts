import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import OpenAI from 'openai';
import { clientFor, streamCompletion } from './gateway.ts';

const token = { token: 'minted', sessionId: 'session', expiresAt: 0, baseUrl: 'https://gateway.example/' };
const request = { threadId: 'thread', messages: [{ role: 'user', content: 'Hello' }] } as const;

const chunk = (choice: object) => ({ choices: [choice] });

test('the official SDK asks the gateway itself, with the minted token, and repeats nothing', () => {
  const client = clientFor(token);
  assert.ok(client instanceof OpenAI);
  assert.deepEqual([client.baseURL, client.apiKey, client.maxRetries], ['https://gateway.example/v1', 'minted', 0]);
});

test('the SDK streams the reply', async (t) => {
  const create = mock.method(OpenAI.Chat.Completions.prototype, 'create', async function* () {
    yield chunk({ delta: { role: 'assistant' }, finish_reason: null });
    yield chunk({ delta: { content: 'Hi' }, finish_reason: null });
    yield { choices: [] };
    yield chunk({ delta: {}, finish_reason: 'stop' });
  });
  t.after(() => create.mock.restore());
  const { signal } = new AbortController();
  const pieces = [];
  for await (const piece of streamCompletion(token, request, signal)) pieces.push(piece);
  assert.deepEqual(pieces, [
    { text: '', finished: false },
    { text: 'Hi', finished: false },
    { text: '', finished: true },
  ]);
  const [body, options] = create.mock.calls[0]!.arguments as unknown[];
  assert.deepEqual(body, { messages: request.messages, stream: true });
  assert.deepEqual(options, { signal, headers: { 'X-Session-Id': 'session', 'X-Thread-Id': 'thread' } });
});
