// How much the gateway keeps of one user's conversations: counted in the database, refused beyond GATEWAY_USER_MIB.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startGateway } from '../lib/gateway.mjs';
import { eventually } from '../lib/program.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';
import { sql } from '../lib/app.mjs';

const MIB = 1 << 20;
const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always = replies.completion('fine');
});
const env = { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_TIERS: '1:100000,100000,2000000000',
  GATEWAY_USER_MIB: '1' };
const gateway = await startGateway({ env });
const second = await startGateway({ env: { ...env, GATEWAY_DATABASE: gateway.database } });
after(() => Promise.all([gateway.stop(), second.stop()]));

const picture = (bytes) => ({ role: 'user', content: [{ type: 'text', text: 'What is this?' },
  { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(bytes)}` } }] });
const user = (content) => ({ role: 'user', content });
const ask = (token, thread, message, { server = gateway, header = 'x-thread-id' } = {}) =>
  server.chat(token, { messages: [message] }, { headers: { [header]: thread } });
const remove = (token, thread) => gateway.request('DELETE', `/v1/threads/${thread}`, { token });
const kept = async (token) => (await gateway.request('GET', '/v1/usage', { token })).json.kept;

/** What the tables say, without the table that counts. */
const counted = (uid) => sql(gateway.database, `SELECT
    (SELECT count(*) * 512 FROM threads WHERE user_id = '${uid}') +
    (SELECT coalesce(sum(64 + length(CAST(message AS BLOB))), 0) FROM messages JOIN threads ON serial = thread WHERE user_id = '${uid}')
    AS bytes`)[0].bytes;

describe('a user who has no room left', () => {
  test('gets it from sessions, which nobody could delete', async () => {
    const token = gateway.token({ uid: 'sessions' });
    for (const session of ['one', 'two'])
      assert.equal((await ask(token, session, picture(500_000), { header: 'x-session-id' })).status, 200);
    assert.equal((await ask(token, 'thread', picture(500_000))).status, 200);
    assert.equal((await kept(token)).bytes, counted('sessions'));
    assert.equal((await ask(token, 'three', picture(500_000), { header: 'x-session-id' })).status, 200);
    assert.equal((await ask(token, 'four', picture(700_000), { header: 'x-session-id' })).status, 400);
    assert.equal((await gateway.request('GET', '/v1/threads/thread/messages', { token })).json.length, 2);
  });
  test('is told to delete conversations, and nothing changes', async () => {
    const token = gateway.token({ uid: 'full' });
    assert.equal((await ask(token, 'one', picture(500_000))).status, 200);
    assert.equal((await ask(token, 'two', picture(500_000))).status, 200);
    const before = sql(gateway.database, "SELECT * FROM threads WHERE user_id = 'full'");
    const messages = sql(gateway.database, 'SELECT count(*) AS n FROM messages');
    for (const thread of ['one', 'three']) {
      const asked = upstream.requests.length;
      const refused = await ask(token, thread, picture(100_000));
      assert.equal(refused.status, 400);
      assert.equal(refused.json.error.code, 'validation_error');
      assert.match(refused.json.error.message, /1 MiB.*delete some/);
      assert.deepEqual(refused.json.error.details, { kind: 'kept_bytes', limit: MIB });
      assert.equal(upstream.requests.length, asked, 'the upstream was asked');
    }
    assert.deepEqual(sql(gateway.database, "SELECT * FROM threads WHERE user_id = 'full'"), before);
    assert.deepEqual(sql(gateway.database, 'SELECT count(*) AS n FROM messages'), messages);
    assert.equal((await ask(gateway.token(), 'one', picture(100_000))).status, 200, 'others have room');
    assert.equal((await ask(token, 'one', user('Short'))).status, 200, 'a short question has room');
  });
  test('has room as soon as a conversation is deleted', async () => {
    const token = gateway.token({ uid: 'tidy' });
    await ask(token, 'one', picture(800_000));
    assert.equal((await ask(token, 'two', picture(300_000))).status, 400);
    assert.equal((await remove(token, 'one')).status, 204);
    assert.deepEqual(await kept(token), { bytes: 0, limit: MIB });
    assert.equal((await ask(token, 'two', picture(300_000))).status, 200);
  });
  test('has no room in another process either', async () => {
    const token = gateway.token({ uid: 'everywhere' });
    await ask(token, 'one', picture(700_000));
    assert.equal((await ask(token, 'two', picture(400_000), { server: second })).status, 400);
    await remove(token, 'one');
    assert.equal((await ask(token, 'two', picture(400_000), { server: second })).status, 200);
  });
  test('can ask without having it kept', async () => {
    const token = gateway.token({ uid: 'passing' });
    await ask(token, 'one', picture(1_000_000));
    assert.equal((await ask(token, 'two', picture(100_000))).status, 400);
    assert.equal((await gateway.chat(token, { messages: [picture(100_000)] })).status, 200);
  });
  test('counts as refused by that limit', async () => {
    const counting = await startGateway({ env: { ...env, GATEWAY_METRICS_TOKEN: 'metrics-token-0123' } });
    const token = counting.token();
    await ask(token, 'one', picture(1_000_000), { server: counting });
    await ask(token, 'one', picture(1_000_000), { server: counting });
    const { text } = await counting.request('GET', '/metrics', { token: 'metrics-token-0123' });
    assert.match(text, /behest_gateway_refusals_total\{limit="kept_bytes"\} 1\n/);
    await counting.stop();
  });
});

describe('what is counted', () => {
  test('is what is there, through everything that happens to it', async () => {
    const uid = 'busy';
    const token = gateway.token({ uid });
    const check = async (what) => assert.deepEqual(await kept(token), { bytes: counted(uid), limit: MIB }, what);
    await check('nothing yet');
    upstream.next = [replies.completion('A long reply. '.repeat(2000))];
    await ask(token, 'one', user('Grüße \u{1f600}'));
    assert.ok((await kept(token)).bytes > 28_000, 'a reply counts');
    await check('a reply');
    upstream.next = [replies.error(500)];
    assert.equal((await ask(token, 'one', user('Fails'))).status, 502);
    await check('a turn that was taken back');
    upstream.next = [replies.error(500)];
    await ask(token, 'two', user('Fails'));
    await check('a thread that was taken back');
    await ask(token, 'memory', user('In a session'), { header: 'x-session-id' });
    await check('a session');
    let hands;
    upstream.next = [replies.byHand((given) => { hands = given; })];
    const exchange = await gateway.stream(token, { messages: [user('Count')], stream: true }, { headers: { 'x-thread-id': 'one' } });
    await eventually(() => hands, 'the upstream was not asked');
    hands.piece('one '.repeat(1000));
    await exchange.chunks().next();
    exchange.abort();
    await eventually(() => sql(gateway.database, "SELECT 1 FROM messages WHERE state = 'stopped'").length, 'it was not marked stopped');
    await check('a reply that was stopped');
    await ask(token, 'one', user('Count'));
    await check('a turn in place of another');
    await remove(token, 'one');
    await check('a thread that was deleted');
  });
  test('goes with what has expired', async () => {
    const token = gateway.token({ uid: 'expiring' });
    await ask(token, 'one', picture(900_000));
    sql(gateway.database, "UPDATE threads SET expires_at = 1 WHERE user_id = 'expiring'");
    await ask(token, 'one', user('Anew'));
    assert.deepEqual(await kept(token), { bytes: counted('expiring'), limit: MIB });
    assert.ok((await kept(token)).bytes < 2000);
  });
  test('stays true when many write at once', async () => {
    const uid = 'many';
    const token = gateway.token({ uid });
    const turns = Array.from({ length: 24 }, (_, i) =>
      ask(token, `thread-${i % 3}`, user(`Question ${i} ${'x'.repeat(i * 100)}`), { server: i % 2 ? gateway : second }));
    const statuses = (await Promise.all(turns)).map(({ status }) => status);
    assert.deepEqual(statuses.filter((status) => status !== 200 && status !== 429), []);
    await Promise.all([remove(token, 'thread-0'), ask(token, 'thread-0', user('Once more'), { server: second })]);
    assert.equal((await kept(token)).bytes, counted(uid));
  });
});

test('without a limit none is named', async () => {
  const open = await startGateway({ env: { ...env, GATEWAY_USER_MIB: '0' } });
  const token = open.token();
  for (const thread of ['one', 'two']) assert.equal((await ask(token, thread, picture(1_000_000), { server: open })).status, 200);
  const { kept: found } = (await open.request('GET', '/v1/usage', { token })).json;
  assert.ok(found.bytes > 2_000_000);
  assert.deepEqual(Object.keys(found), ['bytes']);
  await open.stop();
});

describe('a long conversation that is deleted', () => {
  const fill = (uid, thread, count, bytes) => sql(gateway.database, `WITH RECURSIVE t(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM t WHERE n < ${count + 1})
    INSERT INTO messages (thread, turn, part, state, message, created_at, changed_at)
    SELECT serial, n, 'message', 'complete', '{"role":"user","content":"' || hex(zeroblob(${bytes / 2})) || '"}', 1, 1
    FROM t, threads WHERE user_id = '${uid}' AND id = '${thread}'`);
  test('is gone at once, and nobody waits until its messages are', async () => {
    const token = gateway.token({ uid: 'long' });
    await ask(token, 'one', user('First'));
    fill('long', 'one', 80, MIB);
    assert.equal((await remove(token, 'one')).status, 204);
    assert.equal((await gateway.request('GET', '/v1/threads/one', { token })).status, 404);
    assert.equal((await gateway.request('GET', '/v1/threads/one/messages', { token })).status, 404);
    assert.equal((await remove(token, 'one')).status, 404);
    assert.deepEqual((await gateway.request('GET', '/v1/threads', { token })).json, []);
    assert.deepEqual(await kept(token), { bytes: 0, limit: MIB });
    const left = sql(gateway.database, "SELECT count(*) AS n FROM messages JOIN threads ON serial = thread WHERE user_id = ''")[0].n;
    assert.ok(left > 0, 'all of it went in one transaction');
    assert.equal((await ask(token, 'one', user('Anew'))).status, 200);
    assert.deepEqual(upstream.requests.at(-1).body.messages, [user('Anew')]);
    assert.equal((await gateway.request('GET', '/v1/threads/one/messages', { token })).json.length, 2);
  });
  test('is gone after kill -9 and a new start', { timeout: 120_000 }, async () => {
    const doomed = await startGateway({ env });
    const token = doomed.token({ uid: 'killed' });
    await ask(token, 'one', user('Secret'), { server: doomed });
    sql(doomed.database, `WITH RECURSIVE t(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM t WHERE n < 80)
      INSERT INTO messages (thread, turn, part, state, message, created_at, changed_at)
      SELECT serial, n, 'message', 'complete', hex(zeroblob(${MIB / 2})), 1, 1 FROM t, threads`);
    await doomed.request('DELETE', '/v1/threads/one', { token });
    await doomed.kill();
    const left = () => sql(doomed.database, 'SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM threads) AS n')[0].n;
    assert.ok(left() > 0);
    const heir = await startGateway({ env, folder: doomed.folder });
    await eventually(() => left() === 0, 'it was not removed', 90_000);
    assert.deepEqual(sql(heir.database, 'SELECT * FROM kept_bytes'), []);
    await heir.stop();
  });
});
