// Forwarding to an OpenAI-compatible server: what it is asked, and how its answer comes through.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { events, question, replyOf, startGateway } from '../lib/gateway.mjs';
import { eventually, isLogged } from '../lib/program.mjs';
import { ScriptedUpstream, chunk, replies } from '../lib/scripted-upstream.mjs';
import { within } from '../lib/fastcgi.mjs';

const UPSTREAM_KEY = 'sk-upstream-unlikely-key';
const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => upstream.reset());
const env = { GATEWAY_UPSTREAM_URL: `${upstream.url}/`, GATEWAY_UPSTREAM_KEY: UPSTREAM_KEY, GATEWAY_MODEL: 'house-model',
  GATEWAY_TIERS: '1:1000,100000,20000000' };
const gateway = await startGateway({ env });
after(() => gateway.stop());
const token = gateway.token({ uid: 'unlikely-user' });

async function byHand(json, options) {
  let hands;
  upstream.next = [replies.byHand((given) => { hands = given; })];
  const exchange = await gateway.stream(token, json, options);
  await eventually(() => hands, 'the upstream was not asked');
  return { exchange, hands };
}

describe('what the upstream is asked', () => {
  test('its address, its key, the house model', async () => {
    upstream.always = replies.completion('Hello');
    const messages = [{ role: 'system', content: 'Be "brief".' }, { role: 'user', content: 'Hi \u{1f600}\n' }];
    assert.equal((await gateway.chat(token, { messages, temperature: 0.25, max_tokens: 5, stop: ['\n'] })).status, 200);
    const [{ method, url, headers, body }] = upstream.requests;
    assert.equal(method, 'POST');
    assert.equal(url, '/v1/chat/completions');
    assert.equal(headers.authorization, `Bearer ${UPSTREAM_KEY}`);
    assert.match(headers['content-type'], /^application\/json/);
    assert.equal(body.model, 'house-model');
    assert.deepEqual(body.messages, messages);
    assert.deepEqual([body.temperature, body.max_tokens, body.stop], [0.25, 5, ['\n']]);
  });
  test("the client's token and headers stay here", async () => {
    await gateway.chat(token, question(), { headers: { cookie: 'a=b', 'x-session-id': 'unlikely-session',
      'x-thread-id': 'unlikely-thread', origin: 'http://localhost:3000', 'x-forwarded-for': '1.2.3.4', 'user-agent': 'unlikely-agent' } });
    const [{ headers }] = upstream.requests;
    const all = JSON.stringify(headers);
    assert.ok(!all.includes(token) && !all.includes(token.split('.')[2]));
    assert.doesNotMatch(all, /unlikely-(session|thread|agent|user)|a=b|1\.2\.3\.4|localhost:3000/);
  });
  test('a model that the client names, or leaves empty', async () => {
    for (const [model, expected] of [['other-model', 'other-model'], ['', 'house-model'], [undefined, 'house-model'],
      [null, 'house-model']]) {
      upstream.reset();
      await gateway.chat(token, question({ model }));
      assert.equal(upstream.requests[0].body.model, expected, String(model));
    }
  });
  test('without a key none is sent', async () => {
    const other = await startGateway({ env: { ...env, GATEWAY_UPSTREAM_KEY: undefined } });
    await other.chat(other.token());
    assert.equal(upstream.requests[0].headers.authorization, undefined);
    await other.stop();
  });
  test('connections are kept', async () => {
    upstream.always = replies.completion('Hello');
    const ports = new Set();
    upstream.server.on('connection', (socket) => ports.add(socket.remotePort));
    for (let i = 0; i < 10; i++) assert.equal((await gateway.chat(token)).status, 200);
    assert.ok(ports.size <= 1, `${ports.size} new connections`);
  });
});

test('a whole answer comes through as it was', async () => {
  const answer = { id: 'chatcmpl-9', object: 'chat.completion', created: 7, model: 'm', system_fingerprint: null,
    extra: { kept: [1, 2] },
    choices: [{ index: 0, message: { role: 'assistant', content: 'a\u{1f600}\n"b"', tool_calls: [] }, finish_reason: 'length',
      logprobs: null }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } };
  upstream.always = replies.json(answer);
  const response = await gateway.chat(token);
  assert.match(response.get('content-type'), /^application\/json/);
  assert.equal(response.get('cache-control'), 'no-store');
  assert.deepEqual(response.json, answer);
});

describe('a stream', () => {
  test('its headers', async () => {
    const response = await (await gateway.stream(token)).response();
    assert.equal(response.status, 200);
    assert.match(response.get('content-type'), /^text\/event-stream/);
    assert.match(response.get('cache-control'), /no-store|no-cache/);
    assert.equal(response.get('x-accel-buffering'), 'no', 'nginx must not hold it back');
    assert.equal(response.get('content-length'), undefined);
    assert.equal(replyOf(response.text), 'Hello there');
    assert.equal(events(response.text).at(-1), '[DONE]');
  });

  test('the first piece is here while the upstream has not written the last', async () => {
    const { exchange, hands } = await byHand();
    const chunks = exchange.chunks();
    const read = async () => (await within(chunks.next(), 'the piece is held back', 10_000)).value.toString();
    for (const piece of ['first', 'second', 'third']) {
      hands.piece(piece);
      let text = await read();
      while (!text.includes(piece)) text += await read();
      assert.ok(text.endsWith('\n\n'), 'whole events');
    }
    hands.done();
    await exchange.ended();
  });

  test('every byte comes through, however it is cut', async () => {
    const pieces = ['a\u{1f600}b', '\u4e2d\u6587', '"\\\n', 'data: [DONE]', ' '];
    const text = pieces.map((piece) => `data: ${JSON.stringify(chunk(piece))}\n\n`).join('');
    const bytes = Buffer.from(`${text}data: ${JSON.stringify(chunk('', { delta: {}, finish_reason: 'stop' }))}\n\ndata: [DONE]\n\n`);
    for (const size of [1, 7, 64]) {
      upstream.next = [async (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let at = 0; at < bytes.length; at += size) {
          response.write(bytes.subarray(at, at + size));
          if (at % (size * 16) === 0) await new Promise(setImmediate);
        }
        response.end();
      }];
      const response = await (await gateway.stream(token)).response();
      assert.equal(replyOf(response.text), pieces.join(''), `in pieces of ${size}`);
      assert.equal(events(response.text).at(-1), '[DONE]');
    }
  });

  test('comments, other fields and CR LF do no harm', async () => {
    const { exchange, hands } = await byHand();
    hands.raw(': keep-alive\r\n\r\n');
    hands.raw(`event: message\r\nid: 7\r\ndata: ${JSON.stringify(chunk('one'))}\r\n\r\n`);
    hands.raw(`data:${JSON.stringify(chunk('two'))}\n\n`);
    hands.done();
    assert.equal(replyOf((await exchange.response()).text), 'onetwo');
  });

  test('a long one: 3,000 pieces', async () => {
    const pieces = Array.from({ length: 3000 }, (_, i) => `piece ${i} of some length, `);
    upstream.next = [replies.stream(pieces)];
    const response = await (await gateway.stream(token)).response();
    assert.equal(replyOf(response.text), pieces.join(''));
  });

  test('a piece of 200 KB', async () => {
    upstream.next = [replies.stream(['x'.repeat(200_000)])];
    const response = await (await gateway.stream(token)).response();
    assert.equal(replyOf(response.text).length, 200_000);
  });

  test('a reader that is gone ends the upstream', async () => {
    const { exchange, hands } = await byHand();
    hands.piece('first');
    for await (const piece of exchange.chunks()) if (piece.includes('first')) break;
    exchange.connection.close();
    assert.ok(await within(hands.seen.gone, 'the upstream still writes', 10_000), 'without another piece having been written');
  });

  test('an ABORT_REQUEST of the web server does too', async () => {
    const { exchange, hands } = await byHand();
    hands.piece('first');
    for await (const piece of exchange.chunks()) if (piece.includes('first')) break;
    exchange.abort();
    assert.ok(await within(hands.seen.gone, 'the upstream still writes', 10_000));
    exchange.connection.close();
  });

  test('a reader that is gone before the first piece ends the upstream', async () => {
    const { exchange, hands } = await byHand();
    exchange.connection.close();
    assert.ok(await within(hands.seen.gone, 'the upstream still works', 10_000));
  });

  test('a reader of a whole answer that is gone ends the upstream', async () => {
    let seen;
    upstream.next = [(request) => { seen = request; }];
    const exchange = await gateway.stream(token, question());
    await eventually(() => seen);
    exchange.connection.close();
    assert.ok(await within(seen.gone, 'the upstream still works', 10_000));
  });

  test('as many readers as there are workers leave, and all is well', async () => {
    const hands = [];
    upstream.always = replies.byHand((given) => hands.push(given));
    const exchanges = await Promise.all(Array.from({ length: 8 }, () => gateway.stream(gateway.token())));
    await eventually(() => hands.length >= 4);
    for (const exchange of exchanges) exchange.connection.close();
    await Promise.all(hands.map(({ seen }) => within(seen.gone, 'the upstream still works', 10_000)));
    upstream.reset();
    await eventually(async () => (await (await gateway.stream(token)).response()).status === 200);
  });
});

test('the list of models is the upstream’s when no model is set', async () => {
  const other = await startGateway({ env: { ...env, GATEWAY_MODEL: undefined } });
  upstream.always = replies.json({ object: 'list', data: [{ id: 'a', object: 'model' }, { id: 'b', object: 'model' }] });
  const response = await other.request('GET', '/v1/models', { token: other.token() });
  assert.deepEqual(response.json.data.map(({ id }) => id), ['a', 'b']);
  assert.equal(upstream.requests[0].headers.authorization, `Bearer ${UPSTREAM_KEY}`);
  await other.stop();
});

test('no key, token or conversation is in the log', async () => {
  await isLogged(gateway);
  assert.doesNotMatch(gateway.stderr, /unlikely-key|behest_sk_live|eyJ|How do I add|Be \\?"brief/);
});
