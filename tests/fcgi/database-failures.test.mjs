// A database that fails: the person is told nothing of it, the operator reads what SQLite said.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { credentials } from '../lib/client.mjs';
import { startApp } from '../lib/app.mjs';
import { startGateway } from '../lib/gateway.mjs';
import { parseLogLine } from '../lib/logfmt.mjs';
import { eventually } from '../lib/program.mjs';

/** The log line of a request that failed. */
async function lineOf(app, response) {
  const id = `id=${response.get('x-request-id')} `;
  const line = await eventually(() => app.stderr.split('\n').find((text) => text.includes(id)), 'the request is not logged');
  return parseLogLine(line);
}

test('a statement that fails, without the values that it was about', async (t) => {
  const app = await startApp();
  t.after(() => app.stop());
  const client = app.client();
  await client.signUp({ email: 'a.person@private.example' });
  app.sql('ALTER TABLE user_emails RENAME TO elsewhere');
  const response = await client.post('_system.user.loginWithPassword', { args: credentials(client) });
  assert.equal(response.status, 500);
  assert.doesNotMatch(response.text, /sql|table|database/i);
  const { detail } = await lineOf(app, response);
  assert.equal(detail, 'SQLite: no such table: user_emails (1)');
  assert.doesNotMatch(app.stderr, /private\.example/);
  app.sql('ALTER TABLE elsewhere RENAME TO user_emails');
  await client.signIn();
});

test('a transaction that fails half way', async (t) => {
  const app = await startApp();
  t.after(() => app.stop());
  const client = app.client();
  await client.join();
  app.sql("CREATE TRIGGER broken BEFORE UPDATE ON users BEGIN SELECT * FROM nowhere; END");
  const response = await client.post('_system.user.updateProfile', { args: { firstName: 'Private' } });
  assert.equal(response.status, 500);
  assert.equal((await lineOf(app, response)).detail, 'SQLite: no such table: main.nowhere (1)');
  assert.doesNotMatch(app.stderr, /Private/);
});

test('a file that is not there any more', async (t) => {
  const app = await startApp();
  t.after(() => app.stop());
  const client = app.client();
  renameSync(app.database, `${app.database}.away`);
  const response = await client.get('/healthz');
  assert.equal(response.status, 500);
  assert.equal((await lineOf(app, response)).detail, "the database's file was removed or replaced");
  renameSync(`${app.database}.away`, app.database);
  assert.equal((await client.get('/healthz')).status, 200);
});

for (const [name, start] of Object.entries({ 'behest-fcgi': startApp, 'behest-gateway': startGateway })) {
  test(`${name}: health tells when nothing more can be written`, async (t) => {
    const program = await start({ wrapper: ['sh', '-c', 'trap "" XFSZ; exec "$0" "$@"'] });
    t.after(() => program.stop());
    const client = program.client.get ? program.client : program.client();
    const limit = (bytes) => execFileSync('prlimit', ['--pid', program.pid, `--fsize=${bytes}:unlimited`]);
    limit(4096); // as on a full disk: what is there can be read, and files grow no more
    const failed = await eventually(async () => {
      const response = await client.request('GET', '/healthz');
      return response.status === 500 && response;
    }, 'it was not noticed');
    assert.doesNotMatch(failed.text, /sql|database/i);
    await program.seen(/path=\/healthz status=500 .*detail="SQLite: /);
    limit('unlimited');
    await eventually(async () => (await client.request('GET', '/healthz')).status === 200, 'it did not recover');
  });
}
