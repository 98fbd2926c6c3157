// Limits of a tier: 429 by the minute, 402 by the day.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startGateway } from '../lib/gateway.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';
import { MINUTE, roomInWindow } from '../lib/windows.mjs';

beforeEach(() => roomInWindow(MINUTE, MINUTE / 6));

const TIERS = '1:3,100,1000000; 2:6,100,1000000; 3:100,4,1000000; 4:100,100,50';
const upstream = await ScriptedUpstream.start();
upstream.always = replies.completion('Hello', { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 });
after(() => upstream.close());
const env = { GATEWAY_TIERS: TIERS, GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'scripted' };
const gateway = await startGateway({ env });
after(() => gateway.stop());
const second = await startGateway({ env: { ...env, GATEWAY_DATABASE: gateway.database,
  GATEWAY_SIGNING_KEY: `${gateway.database}.key.pem` } });
after(() => second.stop());

async function statuses(token, count, where = gateway) {
  const all = [];
  for (let i = 0; i < count; i++) all.push((await where.chat(token)).status);
  return all;
}

function isRateLimited(response) {
  assert.equal(response.status, 429, response.text);
  assert.equal(response.json.error.code, 'rate_limited');
  const seconds = Number(response.get('retry-after'));
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, response.get('retry-after'));
}

function isOverQuota(response, tier, limit) {
  assert.equal(response.status, 402, response.text);
  const { code, message, details } = response.json.error;
  assert.equal(code, 'quota_exceeded');
  assert.ok(message.length > 5);
  assert.equal(details.tier, tier);
  assert.equal(details.limit, limit);
  assert.ok(details.used >= limit);
  assert.equal(response.get('retry-after'), undefined);
}

test('requests a minute: 429 with Retry-After', async () => {
  const token = gateway.token({ tier: 1 });
  assert.deepEqual(await statuses(token, 3), [200, 200, 200]);
  isRateLimited(await gateway.chat(token));
  const asked = upstream.requests.length;
  isRateLimited(await gateway.chat(token));
  assert.equal(upstream.requests.length, asked, 'the upstream is not asked');
});

test('a stream counts as well, and is refused before it begins', async () => {
  const token = gateway.token({ tier: 1 });
  await statuses(token, 3);
  const response = await (await gateway.stream(token)).response();
  isRateLimited(response);
});

test('another token of the same user counts together, another user does not', async () => {
  const uid = 'limited-person';
  assert.deepEqual(await statuses(gateway.token({ uid }), 3), [200, 200, 200]);
  isRateLimited(await gateway.chat(gateway.token({ uid })));
  assert.deepEqual(await statuses(gateway.token(), 1), [200]);
  assert.deepEqual(await statuses(gateway.token({ uid, pid: 'another-project' }), 1), [200]);
});

test('names that could be confused are not', async () => {
  assert.deepEqual(await statuses(gateway.token({ pid: 'a', uid: 'b:c' }), 3), [200, 200, 200]);
  for (const claims of [{ pid: 'a:b', uid: 'c' }, { pid: 'ab', uid: ':c' }, { pid: 'a', uid: 'B:C' }])
    assert.deepEqual(await statuses(gateway.token(claims), 1), [200], JSON.stringify(claims));
});

test('what is refused for the name of its conversation does not count', async () => {
  const token = gateway.token({ tier: 1 });
  for (const header of ['x-thread-id', 'x-session-id'])
    for (let i = 0; i < 4; i++) assert.equal((await gateway.chat(token, undefined, { headers: { [header]: 'a b' } })).status, 400, header);
  assert.deepEqual(await statuses(token, 4), [200, 200, 200, 429]);
});

test('a higher tier in the next token counts at once', async () => {
  const uid = 'upgraded-person';
  await statuses(gateway.token({ uid, tier: 1 }), 3);
  isRateLimited(await gateway.chat(gateway.token({ uid, tier: 1 })));
  assert.deepEqual(await statuses(gateway.token({ uid, tier: 2 }), 1), [200]);
});

test('no tier, and one that is not listed, are the lowest', async () => {
  for (const tier of [undefined, 999]) {
    const token = gateway.token({ tier });
    assert.deepEqual(await statuses(token, 4), [200, 200, 200, 429]);
  }
});

test('all processes on one database count together', async () => {
  const token = gateway.token({ tier: 2 });
  assert.deepEqual(await statuses(token, 3), [200, 200, 200]);
  assert.deepEqual(await statuses(token, 4, second), [200, 200, 200, 429]);
  isRateLimited(await gateway.chat(token));
});

test('a race lets exactly as many through as there may be', async () => {
  const token = gateway.token({ tier: 2 });
  const responses = await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 ? gateway : second).chat(token)));
  const count = (status) => responses.filter((response) => response.status === status).length;
  assert.equal(count(200), Math.min(6, 12 - count(503)), responses.map(({ status }) => status).join());
  assert.equal(count(200) + count(429) + count(503), 12);
});

describe('by the day', () => {
  test('requests: 402 with tier, limit and use', async () => {
    const token = gateway.token({ tier: 3 });
    assert.deepEqual(await statuses(token, 4), [200, 200, 200, 200]);
    const response = await gateway.chat(token);
    isOverQuota(response, 3, 4);
    isOverQuota(await (await gateway.stream(token)).response(), 3, 4);
  });
  test('tokens, as the upstream counted them', async () => {
    const token = gateway.token({ tier: 4 });
    assert.deepEqual(await statuses(token, 2), [200, 200]);
    const response = await gateway.chat(token);
    isOverQuota(response, 4, 50);
    assert.equal(response.json.error.details.used, 60);
  });
  test('tokens of a stream that reports its use', async () => {
    upstream.next = [replies.stream(['Hello'], { prompt_tokens: 40, completion_tokens: 30, total_tokens: 70 })];
    const token = gateway.token({ tier: 4 });
    await (await gateway.stream(token)).response();
    const response = await gateway.chat(token);
    isOverQuota(response, 4, 50);
    assert.equal(response.json.error.details.used, 70);
  });
  test('tokens of a stream that does not, by its length', async () => {
    upstream.next = [replies.stream(['word '.repeat(100)])];
    const token = gateway.token({ tier: 4 });
    await (await gateway.stream(token)).response();
    isOverQuota(await gateway.chat(token), 4, 50);
  });
  test('a raised tier lets one go on', async () => {
    const uid = 'quota-person';
    await statuses(gateway.token({ uid, tier: 3 }), 4);
    isOverQuota(await gateway.chat(gateway.token({ uid, tier: 3 })), 3, 4);
    assert.equal((await gateway.chat(gateway.token({ uid, tier: 2 }))).status, 200);
  });
});

test('what is not valid does not count', async () => {
  const token = gateway.token({ tier: 1 });
  for (let i = 0; i < 5; i++) assert.equal((await gateway.chat(token, {})).status, 400);
  assert.deepEqual(await statuses(token, 1), [200]);
});

test('looking at the models does not count', async () => {
  const token = gateway.token({ tier: 1 });
  for (let i = 0; i < 6; i++) assert.equal((await gateway.request('GET', '/v1/models', { token })).status, 200);
  assert.deepEqual(await statuses(token, 1), [200]);
});
