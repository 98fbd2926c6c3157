// behest-admin db
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CONFIG, DONE, FAILED, makeAdmin } from '../lib/admin.mjs';
import { dump, sql, startApp } from '../lib/app.mjs';
import { programPath, run, runAsync, temporaryFolder } from '../lib/program.mjs';

const mode = (file) => (statSync(file).mode & 0o777).toString(8);

test('migrate makes the database, and then has nothing to do', () => {
  const admin = makeAdmin();
  assert.equal(admin('db', 'migrate').code, DONE);
  assert.equal(mode(admin.database), '600');
  const before = dump(admin.database);
  assert.equal(admin('db', 'migrate').code, DONE);
  assert.equal(dump(admin.database), before);
});

test('other commands do not make one by mistake', () => {
  const admin = makeAdmin();
  for (const args of [['user', 'list'], ['db', 'check'], ['session', 'list'], ['tier', 'list'],
    ['db', 'backup', path.join(admin.folder, 'b.db')]]) {
    const { code, stderr } = admin(...args);
    assert.equal(code, FAILED, args.join(' '));
    assert.ok(stderr.includes(admin.database), stderr);
    assert.ok(!existsSync(admin.database));
  }
});

test('check finds a sound database sound', () => {
  const admin = makeAdmin();
  admin.add('a@example.org');
  const report = admin.json('db', 'check');
  assert.deepEqual([report.integrity, report.foreignKeys, report.users, report.disabled], ['ok', 'ok', 1, 0]);
  assert.match(admin('db', 'check').stdout, /ok/);
});

test('check finds damage, and its exit code says so', () => {
  const admin = makeAdmin();
  for (let i = 0; i < 4; i++) admin.add(`a${i}@example.org`);
  sql(admin.database, 'PRAGMA wal_checkpoint(TRUNCATE)');
  sql(admin.database, "PRAGMA foreign_keys = OFF; INSERT INTO profiles (user_id, tier) VALUES ('ffffffffffffffffffffffff', 2)");
  const orphan = admin('db', 'check');
  assert.equal(orphan.code, FAILED, orphan.stdout);
  assert.match(orphan.stdout + orphan.stderr, /profiles/);

  sql(admin.database, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = readFileSync(admin.database);
  bytes.fill(0xa5, 4096 * 2 + 100, 4096 * 3);
  writeFileSync(admin.database, bytes);
  const damaged = admin('db', 'check');
  assert.equal(damaged.code, FAILED, damaged.stdout);
});

test('backup while the server runs and people sign up', async () => {
  const app = await startApp();
  after(() => app.stop());
  const client = app.client();
  await client.join();
  let going = true;
  const busy = (async () => {
    while (going) await app.client().signUp();
  })();
  const file = path.join(temporaryFolder(), 'backup.db');
  const { code, stderr } = await runAsync('behest-admin', ['--database', app.database, 'db', 'backup', file]);
  going = false;
  await busy;
  assert.equal(code, DONE, stderr);
  assert.equal(mode(file), '600');
  assert.deepEqual(sql(file, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.equal(sql(file, `SELECT count(*) AS n FROM users WHERE id = '${client.id}'`)[0].n, 1);

  const restored = await startApp({ env: { CHAT_DATABASE: file } });
  const again = restored.client();
  await again.signIn(client.email, client.password);
  await restored.stop();
});

test('backup never overwrites', () => {
  const admin = makeAdmin();
  admin.add('a@example.org');
  const file = path.join(admin.folder, 'precious');
  writeFileSync(file, 'precious');
  for (const target of [file, admin.database, admin.folder, path.join(admin.folder, 'no', 'such')]) {
    const before = existsSync(target) && statSync(target).isFile() ? readFileSync(target) : null;
    const { code, stderr } = admin('db', 'backup', target);
    assert.equal(code, FAILED, target);
    assert.ok(stderr.includes(target), stderr);
    if (before) assert.deepEqual(readFileSync(target), before);
  }
});

test('a database newer than the program, or of another one, is refused', () => {
  const admin = makeAdmin();
  admin.add('a@example.org');
  sql(admin.database, 'PRAGMA user_version = 9999');
  for (const args of [['user', 'list'], ['db', 'migrate'], ['db', 'check']]) {
    const { code, stderr } = admin(...args);
    assert.equal(code, FAILED, args.join(' '));
    assert.match(stderr, /newer/);
  }
  const other = makeAdmin();
  sql(other.database, 'CREATE TABLE notes (text)');
  assert.equal(other('user', 'list').code, FAILED);
  assert.equal(other('db', 'migrate').code, FAILED);
});

test('the database is named by option, environment or env-file, in this order', () => {
  const [one, two, three] = [makeAdmin(), makeAdmin(), makeAdmin()];
  one.add('one@example.org');
  two.add('two@example.org');
  three.add('three@example.org');
  const file = path.join(temporaryFolder(), '.env');
  writeFileSync(file, `CHAT_DATABASE='${three.database}'\nBEHEST_KEY=ignored\n`);
  const list = (args, env = {}) => run('behest-admin', [...args, 'user', 'list', '--json'], { env });
  const emails = ({ stdout }) => JSON.parse(stdout).map(({ email }) => email);
  assert.deepEqual(emails(list(['--database', one.database, '--env-file', file], { CHAT_DATABASE: two.database })),
    ['one@example.org']);
  assert.deepEqual(emails(list(['--env-file', file], { CHAT_DATABASE: two.database })), ['two@example.org']);
  assert.deepEqual(emails(list(['--env-file', file])), ['three@example.org']);
  const none = list([]);
  assert.equal(none.code, CONFIG);
  assert.match(none.stderr, /CHAT_DATABASE/);
  assert.equal(list(['--env-file', '/no/such/file']).code, CONFIG);
});

test('a database that cannot be written says why', () => {
  const admin = makeAdmin();
  admin.add('a@example.org');
  chmodSync(admin.folder, 0o755);
  chmodSync(admin.database, 0o444);
  // Root may write everything: then it is tried by nobody, who cannot reach every build folder.
  const program = path.join(admin.folder, 'behest-admin');
  copyFileSync(programPath('behest-admin'), program);
  const somebody = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { status, stderr } = spawnSync(program, ['--database', admin.database, 'user', 'disable', 'a@example.org'],
    { encoding: 'utf8', cwd: '/', ...somebody });
  assert.equal(status, FAILED);
  assert.ok(stderr.includes(admin.database), stderr);
});
