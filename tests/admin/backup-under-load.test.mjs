// behest-admin db backup while people sign up, sign in and change their profiles; going back to a backup as the README says.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { dump, sql, startApp } from '../lib/app.mjs';
import { CallError, freshEmail } from '../lib/client.mjs';
import { eventually, runAsync, temporaryFolder } from '../lib/program.mjs';

const OLD_ACCOUNTS = 20_000;
const BACKUPS = 4;
const WORKERS = 3;
const PASSWORD = 'correct horse';

/** Uses the application until stop() is called. `accounts` has what it acknowledged: email, id, and how often the name changed. */
function startLoad(app) {
  const accounts = [];
  let going = true;
  const work = async () => {
    while (going) {
      const client = app.client();
      const account = { email: freshEmail(), changes: 0 };
      account.id = await client.signUp({ email: account.email, password: PASSWORD });
      accounts.push(account);
      await client.signIn();
      for (let change = 1; change <= 5; change++) {
        await client.call('_system.user.updateProfile', { firstName: `name ${change}` });
        account.changes = change;
      }
    }
  };
  const workers = Array.from({ length: WORKERS }, work);
  return { accounts, stop: () => { going = false; return Promise.all(workers); } };
}

/** So many accounts from before that a copy takes many steps. */
function addOldAccounts(app, count) {
  sql(app.database, `
    CREATE TEMP TABLE old AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      SELECT printf('%024x', i) AS id, 'old' || i AS name FROM n;
    BEGIN;
    INSERT INTO users (id, handle, created_at) SELECT id, name, 1 FROM old;
    INSERT INTO user_emails (address, user_id) SELECT name || '@example.org', id FROM old;
    INSERT INTO passwords (user_id, hash, changed_at) SELECT id, hex(randomblob(64)), 1 FROM old;
    COMMIT`);
}

/** A backup, with a copy of what was acknowledged before it began, and whether more was while it was made. */
async function backUp(app, load, folder, number) {
  const file = path.join(folder, `backup-${number}.db`);
  const before = load.accounts.map((account) => ({ ...account }));
  const { code, stderr } = await runAsync('behest-admin', ['--database', app.database, 'db', 'backup', file]);
  assert.equal(code, 0, stderr);
  return { file, before, busy: load.accounts.length > before.length };
}

const rows = (file) => new Map(sql(file, `
  SELECT u.id, u.handle, u.first_name, u.created_at, e.address, p.hash
  FROM users u JOIN user_emails e ON e.user_id = u.id JOIN passwords p ON p.user_id = u.id`).map((row) => [row.id, row]));

const changes = (row) => Number(row.first_name?.replace('name ', '') ?? 0);

/** Everything acknowledged is in the backup, and nothing that is not in the database at rest. */
function compare({ file, before }, atRest) {
  assert.deepEqual(sql(file, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.deepEqual(sql(file, 'PRAGMA foreign_key_check'), []);
  const kept = rows(file);
  for (const { id, email, changes: acknowledged } of before) {
    assert.equal(kept.get(id)?.address, email.toLowerCase());
    assert.ok(changes(kept.get(id)) >= acknowledged, `${email} was renamed ${acknowledged} times before the backup`);
  }
  for (const [id, row] of kept) {
    const { first_name: now, ...unchanging } = atRest.get(id);
    assert.deepEqual({ ...row, first_name: undefined }, { ...unchanging, first_name: undefined });
    assert.ok(changes({ first_name: now }) >= changes(row));
  }
}

async function canSignIn(app, email) {
  try {
    await app.client().signIn(email, PASSWORD);
    return true;
  } catch (error) {
    if (error instanceof CallError && error.status < 500) return false;
    throw error;
  }
}

test('backups under load hold all that was acknowledged, and can be gone back to', async () => {
  const app = await startApp();
  addOldAccounts(app, OLD_ACCOUNTS);
  const folder = temporaryFolder();
  const load = startLoad(app);
  const backups = [];
  let busy = 0;
  await eventually(async () => {
    backups.push(await backUp(app, load, folder, backups.length));
    if (backups.at(-1).busy) busy++;
    return busy === BACKUPS;
  }, 'people did not sign up while backups were made', 120_000);
  await load.stop();

  const last = await backUp(app, load, folder, 'at-rest');
  assert.ok(dump(last.file) === dump(app.database), 'row for row the database at rest');
  const atRest = rows(app.database);
  assert.equal(atRest.size, OLD_ACCOUNTS + load.accounts.length);
  for (const backup of [...backups, last]) compare(backup, atRest);

  await app.stop();
  for (const end of ['-wal', '-shm']) rmSync(app.database + end, { force: true });
  const { file, before } = backups.at(-1);
  copyFileSync(file, app.database);
  const restored = await startApp({ folder: app.folder });
  const kept = rows(file);
  for (const { email } of before) assert.equal(await canSignIn(restored, email), true, email);
  const lost = load.accounts.filter(({ id }) => !kept.has(id));
  for (const { email } of lost.slice(0, 3)) assert.equal(await canSignIn(restored, email), false, email);
  await restored.stop();
});
