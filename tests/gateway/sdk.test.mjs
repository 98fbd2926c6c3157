// The official OpenAI SDK against the gateway, through a web server, as a page uses it.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { ORIGIN, question, startGateway } from '../lib/gateway.mjs';
import { startLighttpd } from '../lib/lighttpd.mjs';
import { eventually, sleep } from '../lib/program.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';
import { within } from '../lib/fastcgi.mjs';
import { MINUTE, roomInWindow } from '../lib/windows.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => upstream.reset());
const gateway = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model',
  GATEWAY_TIERS: '1:1000,1000,1000000;2:1,1000,1000000;3:1000,1,1000000' } });
after(() => gateway.stop());
const web = await startLighttpd(gateway.address);
after(() => web.stop());

function sdk(apiKey = gateway.token(), more = {}) {
  return new OpenAI({ apiKey, baseURL: `${web.url}/v1`, maxRetries: 0, defaultHeaders: { Origin: ORIGIN }, ...more });
}

const ask = { model: '', ...question() };

async function failure(promise) {
  return promise.then(() => assert.fail('it did not fail'), (error) => error);
}

test('a completion', async () => {
  upstream.always = replies.completion('Good morning \u{1f600}');
  const completion = await sdk().chat.completions.create(ask);
  assert.equal(completion.choices[0].message.content, 'Good morning \u{1f600}');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.equal(completion.usage.total_tokens, 30);
  assert.equal(upstream.requests[0].body.model, 'house-model');
});

test('a stream, piece by piece', async () => {
  upstream.always = replies.stream(['One', ' two', ' \u4e09', ' \u{1f600}']);
  const stream = await sdk().chat.completions.create({ ...ask, stream: true });
  const pieces = [];
  let finish;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta?.content) pieces.push(chunk.choices[0].delta.content);
    finish ??= chunk.choices[0]?.finish_reason;
  }
  assert.deepEqual(pieces, ['One', ' two', ' \u4e09', ' \u{1f600}']);
  assert.equal(finish, 'stop');
});

test('the first piece is here before the upstream wrote the last', async () => {
  let hands;
  upstream.always = replies.byHand((given) => { hands = given; });
  const pending = sdk().chat.completions.create({ ...ask, stream: true });
  await eventually(() => hands);
  hands.piece('first');
  const chunks = (await pending)[Symbol.asyncIterator]();
  for (const piece of ['first', 'second', 'third']) {
    if (piece !== 'first') hands.piece(piece);
    const { value } = await within(chunks.next(), `no ${piece} piece`, 10_000);
    assert.equal(value.choices[0].delta.content, piece);
  }
  hands.done();
  let rest = await chunks.next();
  while (!rest.done) rest = await chunks.next();
});

describe('Stop', () => {
  test('closes the connection to the upstream', async () => {
    let hands;
    let writing;
    upstream.always = replies.byHand((given) => {
      hands = given;
      // lighttpd sees that a client is gone when it writes to it.
      writing = setInterval(() => hands.piece('more'), 20);
    });
    const stream = await sdk().chat.completions.create({ ...ask, stream: true });
    for await (const chunk of stream) {
      assert.equal(chunk.choices[0].delta.content, 'more');
      stream.controller.abort();
      break;
    }
    assert.ok(await within(hands.seen.gone, 'the upstream still writes', 10_000));
    clearInterval(writing);
  });
  test('is an abort for the SDK, before the first piece and without a stream', async () => {
    for (const more of [{ stream: true }, {}]) {
      let connection;
      upstream.always = (request, response, socket) => { connection = socket; };
      const abort = new AbortController();
      const failed = failure(sdk().chat.completions.create({ ...ask, ...more }, { signal: abort.signal }));
      await eventually(() => connection);
      abort.abort();
      assert.ok((await failed) instanceof OpenAI.APIUserAbortError);
      connection.destroy();
    }
  });
  test('leaves the gateway well', async () => {
    upstream.always = replies.stream(['Well']);
    await sleep(50);
    const stream = await sdk().chat.completions.create({ ...ask, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
    assert.equal(text, 'Well');
  });
});

describe('errors are of the class that the SDK has for them', () => {
  const cases = [
    ['AuthenticationError', 401, 'invalid_token', () => sdk('no token').chat.completions.create(ask)],
    ['AuthenticationError', 401, 'invalid_token', () => sdk('no token').models.list()],
    ['BadRequestError', 400, 'validation_error', () => sdk().chat.completions.create({ messages: [] })],
    ['NotFoundError', 404, 'not_found', () => sdk().files.list()],
    ['InternalServerError', 502, 'server_error',
      () => { upstream.always = replies.error(500); return sdk().chat.completions.create(ask); }],
    ['InternalServerError', 502, 'server_error',
      () => { upstream.always = replies.error(401); return sdk().chat.completions.create({ ...ask, stream: true }); }],
    ['BadRequestError', 400, 'validation_error',
      () => { upstream.always = replies.error(400); return sdk().chat.completions.create(ask); }],
    ['RateLimitError', 429, 'rate_limited', async () => {
      const client = sdk(gateway.token({ tier: 2 }));
      await roomInWindow(MINUTE, MINUTE / 6);
      await client.chat.completions.create(ask).catch(() => {});
      return client.chat.completions.create(ask);
    }],
    ['APIError', 402, 'quota_exceeded', async () => {
      upstream.always = replies.completion('x');
      const client = sdk(gateway.token({ tier: 3 }));
      await client.chat.completions.create(ask);
      return client.chat.completions.create({ ...ask, stream: true });
    }],
  ];
  for (const [name, status, code, send] of cases) {
    test(`${name}: ${status} ${code}`, async () => {
      const error = await failure(Promise.resolve().then(send));
      assert.ok(error instanceof OpenAI[name], `${error.constructor.name}: ${error.message}`);
      assert.equal(error.status, status);
      assert.equal(error.code, code);
      assert.equal(error.headers.get('access-control-allow-origin'), ORIGIN);
      assert.match(error.headers.get('x-trace-id'), /\S/);
      if (status === 429) assert.match(error.headers.get('retry-after'), /^[1-9]\d*$/);
    });
  }
});

test('a stream that breaks off is an error, not an end', async () => {
  let hands;
  upstream.always = replies.byHand((given) => { hands = given; });
  const pending = sdk().chat.completions.create({ ...ask, stream: true });
  await eventually(() => hands);
  hands.piece('half');
  const stream = await pending;
  let text = '';
  let finish = null;
  const error = await failure((async () => {
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
      hands.destroy();
    }
  })());
  assert.equal(text, 'half');
  assert.equal(finish, null);
  assert.ok(error);
});

test('the list of models', async () => {
  const models = [];
  for await (const model of sdk().models.list()) models.push(model.id);
  assert.deepEqual(models, ['house-model']);
});

test('streams at once keep apart', async () => {
  upstream.always = (seen, response, socket) => replies.stream(Array.from({ length: 20 },
    (_, i) => `${seen.body.user}-${i} `))(seen, response, socket);
  await Promise.all(Array.from({ length: 4 }, async (_, i) => {
    const stream = await sdk().chat.completions.create({ ...ask, stream: true, user: `u${i}` });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
    assert.equal(text, Array.from({ length: 20 }, (_, n) => `u${i}-${n} `).join(''));
  }));
});

describe('a kept conversation', () => {
  test('of a program that sends all of it each time is kept once', async () => {
    upstream.always = replies.completion('fine');
    const client = sdk(undefined, { defaultHeaders: { Origin: ORIGIN, 'X-Thread-Id': 'whole' } });
    const messages = [{ role: 'system', content: 'Be brief.' }];
    for (const content of ['One', 'Two', 'Three']) {
      messages.push({ role: 'user', content });
      const { choices } = await client.chat.completions.create({ model: '', messages });
      messages.push(choices[0].message);
    }
    const kept = await client.get('/threads/whole/messages');
    assert.deepEqual(kept.map(({ role, content }) => [role, content]), messages.map(({ role, content }) => [role, content]));
    const [{ id, last_message_at }] = await client.get('/threads', { query: { limit: 1 } });
    assert.equal(id, 'whole');
    assert.deepEqual(await client.get('/threads', { query: { after: `${last_message_at},${id}` } }), []);
    await client.delete('/threads/whole');
    assert.ok(await failure(client.get('/threads/whole')) instanceof OpenAI.NotFoundError);
  });
  test('for which there is no room left is a BadRequestError that says what to do', async (t) => {
    upstream.always = replies.completion('fine');
    const small = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_USER_MIB: '1' } });
    t.after(() => small.stop());
    const server = await startLighttpd(small.address);
    t.after(() => server.stop());
    const client = sdk(small.token(), { baseURL: `${server.url}/v1`, maxRetries: 2, defaultHeaders: { Origin: ORIGIN, 'X-Thread-Id': 'full' } });
    const large = { model: '', messages: [{ role: 'user', content: 'x'.repeat(600_000) }] };
    await client.chat.completions.create(large);
    const error = await failure(client.chat.completions.create(large));
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.match(error.message, /Please delete some of them/);
    assert.equal(error.error.details.kind, 'kept_bytes');
    assert.equal(upstream.requests.length, 1);
    await client.delete('/threads/full');
    await client.chat.completions.create(large);
  });
  test('shows what a stream used to who asks', async () => {
    upstream.always = replies.stream(['Hello'], { prompt_tokens: 7, completion_tokens: 9, total_tokens: 16 });
    for (const asked of [true, false]) {
      const stream = await sdk().chat.completions.create({ ...ask, stream: true, ...(asked && { stream_options: { include_usage: true } }) });
      let used;
      for await (const chunk of stream) used ??= chunk.usage;
      assert.equal(used?.total_tokens, asked ? 16 : undefined);
    }
  });
});
