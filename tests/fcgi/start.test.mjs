// The database at start: made, shared, protected, refused.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { appEnvironment, dump, makeSite, sql, startApp } from '../lib/app.mjs';
import { run, runAsync, temporaryFolder, whenReady } from '../lib/program.mjs';

const sound = (database) => {
  assert.deepEqual(sql(database, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.deepEqual(sql(database, 'PRAGMA foreign_key_check'), []);
};

test('eight processes start at once on one empty database', async () => {
  const folder = temporaryFolder();
  const apps = await Promise.all(Array.from({ length: 8 }, () => startApp({ folder, ready: false, args: ['--threads', '2'] })));
  await Promise.all(apps.map(whenReady));
  sound(apps[0].database);
  const ids = await Promise.all(apps.map((app, i) => app.client().signUp({ handle: `starter${i}` })));
  assert.equal(new Set(ids).size, 8);
  assert.equal(sql(apps[0].database, 'SELECT count(*) AS n FROM users')[0].n, 8);
  for (const app of apps) assert.doesNotMatch(app.stderr, /level=(error|warn)|locked|failed/);
  await Promise.all(apps.map((app) => app.stop()));
});

test('a second start changes nothing', async () => {
  const first = await startApp();
  await first.client().join();
  await first.stop();
  const before = dump(first.database);
  const second = await startApp({ folder: first.folder });
  await second.stop();
  assert.equal(dump(first.database), before);
});

describe('tables', () => {
  test('are strict, with foreign keys, write-ahead logging and an own application id', async () => {
    const app = await startApp();
    const tables = app.sql("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    assert.ok(tables.length >= 6);
    for (const { name, sql: text } of tables) assert.match(text, /\)\s*(WITHOUT ROWID,\s*)?STRICT/i, name);
    assert.equal(app.sql('PRAGMA journal_mode')[0].journal_mode, 'wal');
    assert.notEqual(app.sql('PRAGMA application_id')[0].application_id, 0);
    assert.ok(app.sql('PRAGMA user_version')[0].user_version >= 1);
    await app.stop();
  });
});

test('the files are for the owner only', async () => {
  const app = await startApp();
  await app.client().join();
  for (const suffix of ['', '-wal', '-shm'])
    assert.equal((statSync(app.database + suffix).mode & 0o777).toString(8), '600', suffix);
  await app.stop();
});

test('a umask that lets everybody in makes no difference', async () => {
  const folder = temporaryFolder();
  const app = await startApp({ folder, wrapper: ['sh', '-c', 'umask 000; exec "$0" "$@"'] });
  assert.equal((statSync(app.database).mode & 0o777).toString(8), '600');
  await app.stop();
});

describe('refused', () => {
  const start = (env, folder = temporaryFolder()) => {
    makeSite(folder);
    return run('behest-fcgi', ['--listen', `unix:${folder}/s.sock`], { env: appEnvironment(folder, env), timeout: 20_000 });
  };

  test('a database newer than the program, and it stays as it was', async () => {
    const app = await startApp();
    await app.client().join();
    await app.stop();
    sql(app.database, 'PRAGMA user_version = 9999');
    const before = dump(app.database);
    const { code, stderr } = start({ CHAT_DATABASE: app.database });
    assert.notEqual(code, 0);
    assert.match(stderr, /newer/);
    assert.match(stderr, /9999/);
    assert.equal(dump(app.database), before);
  });

  test("another program's database", () => {
    const database = path.join(temporaryFolder(), 'other.db');
    sql(database, 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)');
    const before = dump(database);
    const { code, stderr } = start({ CHAT_DATABASE: database });
    assert.notEqual(code, 0);
    assert.match(stderr, /another program|other\.db/);
    assert.equal(dump(database), before);
  });

  test('a file that is no database, a folder, a folder that is not there', () => {
    const folder = temporaryFolder();
    const text = path.join(folder, 'text.db');
    writeFileSync(text, 'this is not a database, it only has the name of one, and is long enough\n'.repeat(50));
    mkdirSync(path.join(folder, 'folder.db'));
    for (const database of [text, path.join(folder, 'folder.db'), path.join(folder, 'no', 'such.db')]) {
      const { code, stderr } = start({ CHAT_DATABASE: database });
      assert.notEqual(code, 0, database);
      assert.ok(stderr.includes(path.basename(database)), stderr);
    }
  });
});

test('killed in the middle of the first start, the next one is well', async () => {
  for (let i = 0; i < 12; i++) {
    const folder = temporaryFolder();
    const app = await startApp({ folder, ready: false });
    await new Promise((resolve) => setTimeout(resolve, i * 3));
    await app.kill();
    const again = await startApp({ folder });
    sound(again.database);
    await again.client().signUp();
    await again.stop();
  }
});

test('kill -9 while people sign up loses nobody who was told of an account', async () => {
  const folder = temporaryFolder();
  const told = [];
  for (let round = 0; round < 5; round++) {
    const app = await startApp({ folder });
    let going = true;
    const people = Array.from({ length: 4 }, async () => {
      while (going) {
        try {
          told.push(await app.client().signUp());
        } catch {
          return;
        }
      }
    });
    const before = told.length;
    while (told.length < before + 3 + round) await new Promise((resolve) => setTimeout(resolve, 5));
    await app.kill();
    going = false;
    await Promise.all(people);
    sound(app.database);
  }
  const ids = new Set(sql(path.join(folder, 'chat.db'), 'SELECT id FROM users').map(({ id }) => id));
  for (const id of told) assert.ok(ids.has(id), `${id} is gone`);
  const without = sql(path.join(folder, 'chat.db'), `SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM passwords)
    OR id NOT IN (SELECT user_id FROM user_emails)`);
  assert.deepEqual(without, [], 'nobody is half there');
});

test('--check-config does not make a database', async () => {
  const folder = temporaryFolder();
  makeSite(folder);
  const { code, stderr } = await runAsync('behest-fcgi', ['--check-config'], { env: appEnvironment(folder) });
  assert.equal(code, 0, stderr);
  assert.throws(() => statSync(path.join(folder, 'chat.db')));
});
