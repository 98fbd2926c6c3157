// What a user has used, by time and by model.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { begin, chatter } from '../lib/chatter.mjs';
import { question, startGateway } from '../lib/gateway.mjs';
import { eventually } from '../lib/program.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';
import { sql } from '../lib/app.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => upstream.reset());
const env = { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_PRICE: '0.5,2',
  GATEWAY_TIERS: '1:100000,100000,2000000000' };
const gateway = await startGateway({ env });
after(() => gateway.stop());

const usage = (token, query = '') => gateway.request('GET', '/v1/usage', { token, query });
const billing = (token, query = '') => gateway.request('GET', '/v1/billing/usage', { token, query });
const counted = (input, output) => ({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output });
const ask = async (token, json = {}, input = 100, output = 50) => {
  upstream.next = [json.stream ? replies.stream(['a'], counted(input, output)) : replies.completion('a', counted(input, output))];
  const answer = await gateway.chat(token, question(json));
  assert.equal(answer.status, 200);
};

describe('what was used', () => {
  test("is the upstream's own count, for streams too", async () => {
    const token = gateway.token();
    await ask(token);
    await ask(token, { stream: true }, 10, 5);
    const { totals, breakdown } = (await usage(token)).json;
    assert.deepEqual(totals, { tokens: 165, cost_usd: (110 * 0.5 + 55 * 2) / 1e6 });
    assert.equal(breakdown.length, 1);
    assert.equal(breakdown[0].tokens, 165);
    const today = new Date().toISOString().slice(0, 10);
    assert.equal(breakdown[0].timestamp, `${today}T00:00:00.000Z`);
  });
  test('and what the tier allows', async () => {
    const { limits } = (await usage(gateway.token())).json;
    assert.deepEqual(limits, { requests_per_minute: 100_000, requests_per_day: 100_000, tokens_per_day: 2_000_000_000 });
  });
  test('by model', async () => {
    const token = gateway.token({ pid: 'project-1' });
    await ask(token);
    await ask(token, { model: 'big-model' }, 1000, 1);
    await ask(token, { model: 'big-model' }, 1000, 1);
    await ask(token, { model: 'x'.repeat(500) }, 1, 1);
    const { project_id, window, platform } = (await billing(token)).json;
    assert.equal(project_id, 'project-1');
    assert.ok(Date.parse(window.from) < Date.parse(window.to));
    const { by_model, ...all } = platform;
    assert.deepEqual(all, { requests: 4, input_tokens: 2101, output_tokens: 53, cost_usd: (2101 * 0.5 + 53 * 2) / 1e6 });
    assert.deepEqual(by_model.map(({ model, requests, input_tokens, output_tokens }) => [model, requests, input_tokens, output_tokens]),
      [['big-model', 2, 2000, 2], ['house-model', 1, 100, 50], ['other', 1, 1, 1]]);
  });
  test('by the hundred models that were used most, and the others together', async () => {
    const token = gateway.token({ uid: 'many-models', pid: 'project-2' });
    sql(gateway.database, `WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5000)
      INSERT INTO usage_minutes (project_id, user_id, minute, model, requests, input_tokens, output_tokens)
      SELECT 'project-2', 'many-models', ${Date.parse('2026-03-05T10:20:00Z')}, iif(n = 1, 'other', 'm' || n), 1, n, n FROM t`);
    const { by_model, ...all } = (await billing(token, 'from=2026-03-05&to=2026-03-06')).json.platform;
    assert.equal(all.requests, 5000);
    assert.equal(by_model.length, 101);
    assert.equal(by_model.reduce((sum, { input_tokens }) => sum + input_tokens, 0), all.input_tokens);
    const { requests, input_tokens } = by_model.find(({ model }) => model === 'other');
    assert.deepEqual([requests, input_tokens], [4900, 4900 * 4901 / 2]);
    assert.ok(by_model.some(({ model }) => model === 'm4901') && !by_model.some(({ model }) => model === 'm4900'));
  });
  test('by minute, hour or day, of the time that was asked for', async () => {
    const token = gateway.token();
    const at = Date.parse('2026-03-05T10:20:30Z');
    for (const ms of [at, at + 60_000, at + 3_600_000, at + 86_400_000]) {
      await ask(token, {}, 10, 0);
      sql(gateway.database, `UPDATE usage_minutes SET minute = ${ms - (ms % 60000)} WHERE minute > ${at + 90_000_000}`);
    }
    const stamps = async (query) => (await usage(token, query)).json.breakdown.map(({ timestamp, tokens }) => `${timestamp.slice(0, 16)} ${tokens}`);
    const all = 'from=2026-03-01&to=2026-03-31';
    assert.deepEqual(await stamps(`${all}&granularity=minute`),
      ['2026-03-05T10:20 10', '2026-03-05T10:21 10', '2026-03-05T11:20 10', '2026-03-06T10:20 10']);
    assert.deepEqual(await stamps(`${all}&granularity=hour`), ['2026-03-05T10:00 20', '2026-03-05T11:00 10', '2026-03-06T10:00 10']);
    assert.deepEqual(await stamps(all), ['2026-03-05T00:00 30', '2026-03-06T00:00 10']);
    assert.deepEqual(await stamps('from=2026-03-06&to=2026-03-07'), ['2026-03-06T00:00 10']);
    assert.deepEqual(await stamps('from=2026-03-05T12%3A20%3A00%2B01%3A00&to=2026-03-06'), ['2026-03-05T00:00 10']);
    const { totals, breakdown, kept } = (await usage(token, 'from=2026-04-01&to=2026-04-02')).json;
    assert.deepEqual([totals, breakdown, kept], [{ tokens: 0, cost_usd: 0 }, [], { bytes: 0, limit: 1 << 30 }]);
  });
  test('is nobody else\'s', async () => {
    const token = gateway.token({ uid: 'one', pid: 'p1' });
    await ask(token);
    for (const other of [gateway.token(), gateway.token({ uid: 'one', pid: 'p2' })])
      assert.equal((await usage(other)).json.totals.tokens, 0);
  });
});

test('without from it is the thirty days before to', async () => {
  const token = gateway.token();
  assert.deepEqual((await billing(token, 'to=2026-01-31')).json.window, { from: '2026-01-02T00:00:00.000Z', to: '2026-01-31T00:00:00.000Z' });
  assert.equal((await usage(token, 'from=2030-01-01')).status, 400);
});

test('a stream is counted while it goes on, also when the program is killed; at its end by what the upstream counted', async () => {
  const doomed = await startGateway({ env });
  const books = async (server, { token }) => (await server.request('GET', '/v1/billing/usage', { token })).json.platform;
  const [lost, whole] = [chatter(doomed), chatter(doomed)];
  const one = await begin(upstream, lost, 'x'.repeat(40), 'y'.repeat(4000));
  const two = await begin(upstream, whole, 'x'.repeat(40), 'y'.repeat(4000));
  const has = (person, ...expected) => async () => {
    const { requests, input_tokens: input, output_tokens: output } = await books(doomed, person);
    return JSON.stringify([requests, input, output]) === JSON.stringify(expected);
  };
  for (const [person, { hands }] of [[lost, one], [whole, two]])
    await eventually(() => (hands.piece(''), has(person, 1, 10, 1000)()), 'it was not counted');
  two.hands.raw(`data: ${JSON.stringify({ choices: [], usage: counted(7, 900) })}\n\n`);
  two.hands.done();
  await two.exchange.response();
  await eventually(has(whole, 1, 7, 900), 'what the upstream counted does not hold');
  await doomed.kill();
  one.hands.destroy();
  const heir = await startGateway({ env, folder: doomed.folder });
  assert.equal((await books(heir, lost)).output_tokens, 1000);
  await heir.stop();
});

test('wrong parameters are refused', async () => {
  const token = gateway.token();
  for (const query of ['from=yesterday', 'to=2026-13-01', 'from=2026-02-30', 'from=2026-03-02&to=2026-03-01', 'granularity=week',
    'granularity=', 'from=2026-03-01T10%3A00', 'granularity=day%', 'granularity=day%0', 'granularity=day%00', 'granularity=day%zz',
    'granularity=day&other=%', 'granularity=daydaydaydaydayday'])
    assert.equal((await usage(token, query)).status, 400, query);
  assert.equal((await billing(token, 'from=x')).status, 400);
  assert.equal((await usage()).status, 401);
  assert.equal((await billing()).status, 401);
});

test('too many points ask for coarser ones', async () => {
  const token = gateway.token({ uid: 'busy', pid: 'p' });
  sql(gateway.database, `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    INSERT INTO usage_minutes SELECT 'p', 'busy', 1772000000000 - 1772000000000 % 60000 + i * 60000, 'm', 1, 1, 1 FROM n`);
  const window = 'from=2026-02-01&to=2026-03-31';
  const answer = await usage(token, `${window}&granularity=minute`);
  assert.equal(answer.status, 400);
  assert.match(answer.json.error.message, /by the hour or day/);
  assert.equal((await usage(token, `${window}&granularity=hour`)).json.totals.tokens, 4002);
});
