// The upstream is asked for the tokens that a stream used; readers see the answer only when they asked themselves.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { events, question, replyOf, startGateway } from '../lib/gateway.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => upstream.reset());
const start = () => startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model' } });

const counted = { prompt_tokens: 1000, completion_tokens: 234, total_tokens: 1234 };
/** As OpenAI's servers do it: numbers at the end, for who asks. */
const answers = (seen, ...rest) => replies.stream(['Hello', ' there'], seen.body.stream_options?.include_usage ? counted : undefined)(seen, ...rest);
/** As servers do that take no members that they do not know. */
const strict = (seen, ...rest) => (seen.body.stream_options ? replies.error(400, {}, 'stream_options: extra inputs are not permitted')
  : replies.stream(['Hello', ' there']))(seen, ...rest);
const asked = () => upstream.requests.map(({ body }) => body.stream_options);

async function stream(gateway, token, more = {}) {
  return (await gateway.stream(token, question({ stream: true, ...more }))).response();
}
const used = async (gateway, token) => (await gateway.request('GET', '/v1/usage', { token })).json.totals.tokens;
const usages = (text) => events(text).filter((data) => data !== '[DONE]').map((data) => JSON.parse(data)).filter(({ usage }) => usage);

describe('an upstream that answers', () => {
  test('has its numbers counted, and nobody else sees them', async () => {
    const gateway = await start();
    const token = gateway.token();
    upstream.always = answers;
    const { text } = await stream(gateway, token);
    assert.equal(replyOf(text), 'Hello there');
    assert.deepEqual(usages(text), []);
    assert.equal(events(text).at(-1), '[DONE]');
    assert.deepEqual(asked(), [{ include_usage: true }]);
    assert.equal(await used(gateway, token), 1234);
    await gateway.stop();
  });
  test('answers a reader who asks, too', async () => {
    const gateway = await start();
    upstream.always = answers;
    const { text } = await stream(gateway, gateway.token(), { stream_options: { include_usage: true, include_obfuscation: false } });
    assert.deepEqual(usages(text).map(({ usage, choices }) => [usage, choices]), [[counted, []]]);
    assert.deepEqual(asked(), [{ include_usage: true, include_obfuscation: false }]);
    await gateway.stop();
  });
  test('is asked in the place of a reader who wants none', async () => {
    const gateway = await start();
    const token = gateway.token();
    upstream.always = answers;
    const { text } = await stream(gateway, token, { stream_options: { include_usage: false } });
    assert.deepEqual(usages(text), []);
    assert.equal(await used(gateway, token), 1234);
    await gateway.stop();
  });
  test('is not asked again when it finds a request wrong', async () => {
    const gateway = await start();
    const token = gateway.token();
    upstream.always = answers;
    await stream(gateway, token);
    upstream.next = [replies.error(400)];
    const refused = await stream(gateway, token);
    assert.equal(refused.status, 400);
    assert.equal(upstream.requests.length, 2);
    await gateway.stop();
  });
  test('is not asked about answers that come at once', async () => {
    const gateway = await start();
    upstream.always = replies.completion('Hello');
    await gateway.chat(gateway.token());
    assert.deepEqual(asked(), [undefined]);
    await gateway.stop();
  });
});

describe('an upstream that refuses to be asked', () => {
  for (const status of [400, 422]) {
    test(`with ${status} works all the same, and is not asked again`, async () => {
      const gateway = await start();
      const token = gateway.token();
      upstream.always = (seen, ...rest) => (seen.body.stream_options ? replies.error(status) : strict)(seen, ...rest);
      for (let i = 0; i < 2; i++) {
        const { status: answered, text } = await stream(gateway, token);
        assert.equal(answered, 200);
        assert.equal(replyOf(text), 'Hello there');
      }
      assert.deepEqual(asked(), [{ include_usage: true }, undefined, undefined]);
      assert.equal(await used(gateway, token), 2 * (5 + 3), 'an estimate: 20 bytes asked, 11 answered');
      await gateway.stop();
    });
  }
  test('refuses a reader who asks, in its own words', async () => {
    const gateway = await start();
    upstream.always = strict;
    const refused = await stream(gateway, gateway.token(), { stream_options: { include_usage: true } });
    assert.equal(refused.status, 400);
    assert.match(refused.json.error.message, /extra inputs/);
    assert.equal(upstream.requests.length, 1);
    await gateway.stop();
  });
  test('leaves what else a reader asks of it', async () => {
    const gateway = await start();
    upstream.always = (seen, ...rest) => (seen.body.stream_options.include_usage === undefined ? replies.stream(['Hello'])
      : replies.error(400))(seen, ...rest);
    assert.equal((await stream(gateway, gateway.token(), { stream_options: { include_obfuscation: false } })).status, 200);
    assert.deepEqual(asked().at(-1), { include_obfuscation: false });
    await gateway.stop();
  });
});

test('a request that is wrong is refused in the upstream\'s last words, and says nothing about usage', async () => {
  const gateway = await start();
  const token = gateway.token();
  upstream.next = [replies.error(400, {}, 'first'), replies.error(400, {}, 'second')];
  const refused = await stream(gateway, token);
  assert.equal(refused.status, 400);
  assert.match(refused.json.error.message, /second/);
  upstream.always = answers;
  await stream(gateway, token);
  assert.deepEqual(asked().at(-1), { include_usage: true });
  await gateway.stop();
});

test('an upstream that fails after the question is not blamed on the request', async () => {
  const gateway = await start();
  upstream.next = [replies.error(400, {}, 'first'), replies.error(503)];
  const refused = await stream(gateway, gateway.token());
  assert.equal(refused.status, 502);
  assert.doesNotMatch(refused.json.error.message, /first/);
  await gateway.stop();
});
