// An upstream that fails: what the reader gets, and what the operator reads.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { events, question, startGateway } from '../lib/gateway.mjs';
import { freePort } from '../lib/ports.mjs';
import { eventually, healthy } from '../lib/program.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => upstream.reset());
const env = { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_UPSTREAM_KEY: 'sk-unlikely', GATEWAY_MODEL: 'm',
  GATEWAY_TIERS: '1:1000,100000,20000000' };
const gateway = await startGateway({ env });
after(() => gateway.stop());
const token = gateway.token();
const STREAM = question({ stream: true });

function isError(response, status, code) {
  assert.equal(response.status, status, response.text);
  assert.match(response.get('content-type'), /^application\/json/);
  assert.equal(response.json.error.code, code);
  assert.ok(response.json.error.message.length > 5);
  assert.match(response.get('x-trace-id'), /\S/);
}

describe('before the first piece', () => {
  const cases = {
    400: [replies.error(400), 400, 'validation_error'],
    401: [replies.error(401), 502, 'server_error', /key refused/],
    402: [replies.error(402), 502, 'server_error'],
    403: [replies.error(403), 502, 'server_error', /key refused/],
    404: [replies.error(404), 502, 'server_error', /404/],
    422: [replies.error(422), 400, 'validation_error'],
    429: [replies.error(429, { 'retry-after': '7' }), 429, 'rate_limited'],
    500: [replies.error(500), 502, 'server_error'],
    503: [replies.text('<html>busy</html>', 503), 502, 'server_error'],
    'a redirect': [replies.redirect('/v1/chat/completions'), 502, 'server_error', /redirect/],
    'a closed connection': [replies.close(), 502, 'server_error'],
    'a reset connection': [replies.reset(), 502, 'server_error'],
    'an HTML page': [replies.text('<html>Welcome</html>', 200, { 'content-type': 'text/html' }), 502, 'server_error'],
    nothing: [replies.text(''), 502, 'server_error'],
  };
  for (const [name, [behaviour, status, code, log]] of Object.entries(cases)) {
    for (const stream of [false, true]) {
      test(`${name}${stream ? ', streaming' : ''}: ${status}`, async () => {
        upstream.always = behaviour;
        const from = gateway.stderr.length;
        const response = await gateway.chat(token, stream ? STREAM : question());
        isError(response, status, code);
        assert.doesNotMatch(response.text, /sk-unlikely|127\.0\.0\.1|<html/);
        if (status === 429) assert.equal(response.get('retry-after'), '7');
        if (status === 502) await eventually(() => /detail="?upstream/.test(gateway.stderr.slice(from)),
          'the operator reads nothing');
        if (log) assert.match(gateway.stderr.slice(from), log);
        upstream.reset();
        assert.equal((await gateway.chat(token, STREAM)).status, 200, 'the next one is well');
      });
    }
  }
  test('a redirect is not followed: the key goes nowhere else', async () => {
    upstream.always = replies.redirect('/v1/elsewhere');
    isError(await gateway.chat(token), 502, 'server_error');
    assert.equal(upstream.requests.length, 1);
  });
  test('a fault of the request is passed on with its reason', async () => {
    upstream.always = replies.error(400, {}, 'temperature must be below 2');
    assert.match((await gateway.chat(token)).json.error.message, /temperature must be below 2/);
  });
  test('a whole answer that is no JSON', async () => {
    upstream.always = replies.text('{"choices":', 200, { 'content-type': 'application/json' });
    isError(await gateway.chat(token), 502, 'server_error');
  });
  test('a whole answer where a stream was asked for', async () => {
    upstream.always = replies.completion('Hello');
    const response = await gateway.chat(token, STREAM);
    assert.ok(response.status === 502 || events(response.text).at(-1) === '[DONE]', `${response.status} ${response.text}`);
  });
  test('a whole answer without end', async () => {
    upstream.always = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write('x'.repeat(1 << 20)), 5);
      response.on('close', () => clearInterval(timer));
    };
    isError(await gateway.chat(token), 502, 'server_error');
  });
  test('a line without end in a stream', async () => {
    upstream.always = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write('x'.repeat(1 << 18)), 5);
      response.on('close', () => clearInterval(timer));
    };
    const response = await gateway.chat(token, STREAM);
    assert.ok(response.status === 502 || !events(response.text).includes('[DONE]'));
  });
  test('nobody listens', async () => {
    const other = await startGateway({ env: { ...env, GATEWAY_UPSTREAM_URL: `http://127.0.0.1:${await freePort()}/v1` } });
    isError(await other.chat(other.token()), 502, 'server_error');
    assert.ok(await healthy(other.address));
    await other.stop();
  });
  test('slow to the first byte: others are served meanwhile', async () => {
    let release;
    upstream.next = [(seen, response, socket) => { release = () => replies.stream(['late'])(seen, response, socket); }];
    const slow = gateway.chat(token, STREAM);
    await eventually(() => release);
    for (let i = 0; i < 3; i++) assert.equal((await gateway.chat(token, STREAM)).status, 200);
    assert.ok(await healthy(gateway.address));
    release();
    const response = await slow;
    assert.equal(response.status, 200);
    assert.match(response.text, /late/);
  });
});

describe('in the middle of a stream', () => {
  const ends = {
    'the connection breaks': [/upstream: the connection broke/, (hands) => hands.destroy()],
    'it ends without [DONE]': [/upstream: the answer is not whole/, (hands) => hands.end()],
    'it breaks inside an event': [/upstream: the connection broke/, (hands) => { hands.raw('data: {"choi'); setTimeout(hands.destroy, 50); }],
  };
  for (const [name, [noted, end]] of Object.entries(ends)) {
    test(`${name}: what came is kept, and the end is no sound one`, async () => {
      const before = gateway.stderr.length;
      let hands;
      upstream.always = replies.byHand((given) => { hands = given; });
      const exchange = await gateway.stream(token);
      await eventually(() => hands);
      hands.piece('half an answer');
      const chunks = exchange.chunks();
      let text = '';
      while (!text.includes('half an answer')) text += (await chunks.next()).value;
      end(hands);
      for await (const piece of chunks) text += piece;
      const all = events(text);
      assert.ok(!all.includes('[DONE]'));
      const finished = all.some((data) => JSON.parse(data).choices?.[0]?.finish_reason);
      assert.ok(!finished, 'no finish_reason');
      assert.ok(all.some((data) => JSON.parse(data).error), 'an event says what happened');
      await eventually(() => noted.test(gateway.stderr.slice(before)), 'the log does not say it');
    });
  }
});

test('one user does not take all the places', async () => {
  const held = [];
  const answer = (seen, response, socket) => replies.stream(['late'])(seen, response, socket);
  upstream.always = (...call) => held.push(() => answer(...call));
  const mine = Array.from({ length: 6 }, () => gateway.chat(token, STREAM));
  const refused = await Promise.any(mine);
  assert.equal(refused.status, 429);
  assert.match(refused.get('retry-after') ?? '', /^[1-9]\d*$/);
  assert.match(refused.json.error.message, /too many answers/);
  await eventually(() => held.length === 4, 'four of them wait');
  upstream.next = [answer];
  assert.equal((await gateway.chat(gateway.token(), STREAM)).status, 200);
  for (const release of held) release();
  assert.deepEqual((await Promise.all(mine)).map(({ status }) => status).sort(), [200, 200, 200, 200, 429, 429]);
  upstream.always = answer;
  assert.equal((await gateway.chat(token, STREAM)).status, 200);
});

test('an upstream that hangs does not take the whole gateway', async () => {
  const held = [];
  upstream.always = (seen, response, socket) => held.push(() => replies.stream(['late'])(seen, response, socket));
  const answered = [];
  const waiting = Array.from({ length: 16 }, () => gateway.chat(gateway.token(), STREAM).then((response) => {
    answered.push(response);
    return response;
  }));
  await eventually(() => held.length + answered.length === 16, 'the surplus is not refused');
  for (const response of answered) {
    assert.equal(response.status, 503);
    assert.match(response.get('retry-after') ?? '', /^[1-9]\d*$/);
    assert.equal(response.json.error.code, 'server_error');
  }
  assert.ok(await healthy(gateway.address));
  assert.equal((await gateway.mint()).status, 200);
  assert.equal((await gateway.request('GET', '/v1/models', { token })).status, 200);
  for (const answer of held) answer();
  await Promise.all(waiting);
  upstream.reset();
  assert.equal((await gateway.chat(token, STREAM)).status, 200);
});

test('SIGTERM lets a stream finish', async () => {
  const other = await startGateway({ env });
  let hands;
  upstream.always = replies.byHand((given) => { hands = given; });
  const exchange = await other.stream(other.token());
  await eventually(() => hands);
  hands.piece('first');
  const stopped = other.stop();
  await other.seen(/stopping/);
  hands.piece(' second');
  hands.done();
  const { text } = await exchange.response();
  assert.match(text, /second/);
  assert.equal(events(text).at(-1), '[DONE]');
  await stopped;
});
