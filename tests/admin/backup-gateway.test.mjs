// behest-admin db backup of a gateway's database while people talk to it, and a gateway started from the copy.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { dump, sql } from '../lib/app.mjs';
import { startGateway } from '../lib/gateway.mjs';
import { runAsync, temporaryFolder } from '../lib/program.mjs';

const LIMITS = '1:10000,10000,100000000';
const question = (text) => ({ messages: [{ role: 'user', content: text }] });

test('a gateway goes on from a backup: conversations, and the tokens it signed', async () => {
  const gateway = await startGateway({ env: { GATEWAY_TIERS: LIMITS } });
  const { json: { jwt: token } } = await gateway.mint({ user_id: 'somebody', role: 'user', ttl: 900 });
  const ask = (thread, text) => gateway.chat(token, question(text), { headers: { 'x-thread-id': thread } });
  assert.equal((await ask('before', 'How do I make a backup?')).status, 200);

  let going = true;
  const busy = (async () => {
    for (let i = 0; going; i++) assert.equal((await ask(`while-${i}`, 'And how do I restore it?')).status, 200);
  })();
  const folder = temporaryFolder();
  const file = path.join(folder, 'gateway.db');
  const { code, stderr } = await runAsync('behest-admin', ['--database', gateway.database, 'db', 'backup', file]);
  going = false;
  await busy;
  assert.equal(code, 0, stderr);
  assert.deepEqual(sql(file, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);

  const atRest = path.join(folder, 'at-rest.db');
  assert.equal((await runAsync('behest-admin', ['--database', gateway.database, 'db', 'backup', atRest])).code, 0);
  assert.ok(dump(atRest) === dump(gateway.database), 'row for row the database at rest');
  const messages = (from) => from.request('GET', '/v1/threads/before/messages', { token });
  const kept = (await messages(gateway)).json;
  assert.match(JSON.stringify(kept), /How do I make a backup/);
  await gateway.stop();

  copyFileSync(`${gateway.database}.key.pem`, `${file}.key.pem`);
  const restored = await startGateway({ folder, env: { GATEWAY_TIERS: LIMITS } });
  assert.deepEqual((await messages(restored)).json, kept);
  await restored.stop();
});

test('nothing but a backup takes a gateway\'s database', async () => {
  const gateway = await startGateway();
  for (const words of [['db', 'check'], ['user', 'list'], ['db', 'migrate']]) {
    const { code, stderr } = await runAsync('behest-admin', ['--database', gateway.database, ...words]);
    assert.equal(code, 1, words.join(' '));
    assert.match(stderr, /another program/);
  }
  await gateway.stop();
});
