// How long behest-gateway takes with many long conversations of one user: to list them, to open and search one, to go on
// in one, to delete one; and what deleting a very large one costs the others.
//
//   node tests/bench/threads.mjs [THREADS [MESSAGES]]      10000 conversations of 200 messages if nothing else is said
//
// Uses build/, or the folder that BUILD names.
import { performance } from 'node:perf_hooks';
import { statSync } from 'node:fs';
import { sql } from '../lib/app.mjs';
import { startGateway } from '../lib/gateway.mjs';
import { ScriptedUpstream, replies } from '../lib/scripted-upstream.mjs';

const threads = Number(process.argv[2] ?? 10_000);
const messages = Number(process.argv[3] ?? 200);
const upstream = await ScriptedUpstream.start();
upstream.always = replies.completion('fine');
const gateway = await startGateway({ env: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'm', GATEWAY_USER_MIB: '0',
  GATEWAY_TIERS: '1:1000000,1000000,2000000000' } });
const token = gateway.token({ uid: 'bench', pid: 'bench' });

/** Median and worst of some runs, in milliseconds. */
async function measure(what, runs, action) {
  const times = [];
  for (let i = 0; i < runs; i++) {
    const began = performance.now();
    await action(i);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  console.log(`${what.padEnd(46)} ${times[Math.floor(runs / 2)].toFixed(1).padStart(8)} ms  (worst of ${runs}: ${times.at(-1).toFixed(1)})`);
}

const get = async (path, query = '') => {
  const response = await gateway.request('GET', path, { token, query });
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${response.text}`);
  return response;
};
const turn = (thread, who = token) => gateway.chat(who, { messages: [{ role: 'user', content: 'And then?' }] }, { headers: { 'x-thread-id': thread } });
const any = (i) => `thread-${(i * 7919) % threads}`;

let began = performance.now();
const now = Date.now();
sql(gateway.database, `PRAGMA synchronous = OFF; BEGIN;
  WITH RECURSIVE t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n < ${threads - 1})
  INSERT INTO threads (project_id, user_id, kind, id, title, created_at, last_message_at, expires_at)
    SELECT 'bench', 'bench', 'thread', 'thread-' || n, 'Conversation number ' || n, ${now} - n, ${now} - n, ${now} + 10000000000 FROM t;
  WITH RECURSIVE m(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM m WHERE n < ${messages - 1})
  INSERT INTO messages (thread, turn, part, state, message, created_at, changed_at)
    SELECT serial, n / 2 + 1, iif(n % 2, 'reply', 'message'), 'complete',
      '{"role":"' || iif(n % 2, 'assistant', 'user') || '","content":"' || hex(zeroblob(iif(n % 2, 200, 40))) || '"}', ${now}, ${now}
    FROM threads, m; COMMIT; PRAGMA wal_checkpoint(TRUNCATE);`);
console.log(`${threads} conversations of ${messages} messages: ${(statSync(gateway.database).size / 1e6).toFixed(0)} MB, made in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);

await measure('the first page of the list (50)', 50, () => get('/v1/threads'));
await measure('a page of 200', 50, () => get('/v1/threads', 'limit=200'));
await measure('a page of 200 in the middle', 50, (i) => get('/v1/threads', `limit=200&after=${new Date(now - threads / 2 - i).toISOString()},thread-${threads / 2 + i}`));
await measure('all of the list, by 200', 3, async () => {
  for (let page = (await get('/v1/threads', 'limit=200')).json; page.length;)
    page = (await get('/v1/threads', `limit=200&after=${page.at(-1).last_message_at},${page.at(-1).id}`)).json;
});
await measure('a conversation, all of its messages', 50, (i) => get(`/v1/threads/${any(i)}/messages`));
await measure('a turn in a conversation', 50, (i) => turn(any(i)));
await measure('what was used, and how much is kept', 50, () => get('/v1/usage'));
await measure('deleting a conversation', 50, (i) => gateway.request('DELETE', `/v1/threads/${any(i)}`, { token }));

const other = gateway.token({ uid: 'large', pid: 'bench' });
await turn('large', other);
sql(gateway.database, `WITH RECURSIVE m(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM m WHERE n < 169)
  INSERT INTO messages (thread, turn, part, state, message, created_at, changed_at)
  SELECT serial, n, 'message', 'complete', hex(zeroblob(500000)), 1, 1 FROM m, threads WHERE user_id = 'large'`);
await measure('deleting one of 168 MB', 1, () => gateway.request('DELETE', '/v1/threads/large', { token: other }));
began = performance.now();
const left = () => sql(gateway.database, "SELECT count(*) AS n FROM threads WHERE user_id = ''")[0].n;
const waits = [];
while (left()) {
  const asked = performance.now();
  await turn('thread-1');
  waits.push(performance.now() - asked);
}
console.log(`its messages were gone after ${((performance.now() - began) / 1000).toFixed(0)} s; ${waits.length} turns of others meanwhile, the slowest ${Math.max(...waits).toFixed(1)} ms`);
await Promise.all([gateway.stop(), upstream.close()]);
