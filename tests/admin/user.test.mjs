// behest-admin user
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { DONE, FAILED, USAGE, makeAdmin, onTerminal } from '../lib/admin.mjs';
import { dump, sql } from '../lib/app.mjs';

const admin = makeAdmin();
const HEX_ID = /^[0-9a-f]{24}$/;

function isRefused(result, code, pattern) {
  assert.equal(result.code, code, result.stderr);
  assert.match(result.stderr, /^behest-admin: /);
  assert.match(result.stderr, pattern);
  assert.equal(result.stdout, '');
}

test('add, list, show: for programs', () => {
  const ada = admin.add('Ada@Example.org', '--handle', 'ada', '--first-name', 'Ada', '--last-name', 'Lovelace', '--tier', '2',
    '--role', 'admin');
  assert.match(ada.id, HEX_ID);
  assert.deepEqual({ ...ada, id: '', created: '' }, { id: '', email: 'ada@example.org', handle: 'ada', tier: 2, status: 'active',
    roles: ['admin'], created: '' });
  assert.deepEqual(admin.json('user', 'list').map(({ id }) => id), [ada.id]);
  const shown = admin.json('user', 'show', 'ada');
  assert.equal(shown.firstName, 'Ada');
  assert.equal(shown.sessions, 0);
  assert.equal(shown.hasPassword, true);
  assert.deepEqual(shown.emails.map(({ address }) => address), ['ada@example.org']);
});

test('add, list, show: for people', () => {
  admin.add('table@example.org', '--handle', 'tabular');
  const { code, stdout } = admin('user', 'list');
  assert.equal(code, DONE);
  const [head, ...rows] = stdout.trimEnd().split('\n');
  assert.match(head, /ID.*EMAIL.*HANDLE.*TIER.*STATUS/);
  const row = rows.find((line) => line.includes('table@example.org'));
  assert.equal(row.indexOf('tabular'), head.indexOf('HANDLE'), 'columns stand under their titles');
  assert.match(admin('user', 'show', 'tabular').stdout, /Email\s+table@example\.org/);
});

test('a user is named by id, address or handle, in any case', () => {
  const { id } = admin.add('named@example.org', '--handle', 'Named');
  for (const name of [id, 'named@example.org', 'NAMED@EXAMPLE.ORG', 'Named', 'named'])
    assert.equal(admin.json('user', 'show', name).id, id, name);
  for (const name of ['nobody', 'f'.repeat(24), '', "' OR 1=1 --", '%'])
    isRefused(admin('user', 'show', name), FAILED, /no user|not found|nobody/i);
});

describe('add refuses', () => {
  const add = (...args) => admin('user', 'add', ...args, { input: 'correct horse\n' });
  test('what is taken', () => {
    admin.add('taken@example.org', '--handle', 'taken');
    isRefused(add('--email', 'TAKEN@example.org'), FAILED, /email.*exists/i);
    isRefused(add('--email', 'other@example.org', '--handle', 'TAKEN'), FAILED, /handle.*taken/i);
  });
  test('what is not valid', () => {
    isRefused(add('--email', 'nonsense'), FAILED, /email/);
    isRefused(add('--email', 'a@example.org', '--handle', 'x'), FAILED, /handle/);
    isRefused(add('--email', 'a@example.org', '--first-name', 'n'.repeat(51)), FAILED, /first name/);
    isRefused(add('--email', 'a@example.org', '--tier', '0'), USAGE, /tier/);
    isRefused(add('--email', 'a@example.org', '--tier', 'gold'), USAGE, /tier/);
    isRefused(add('--email', 'a@example.org', '--role', 'two words'), USAGE, /role/);
    isRefused(add(), USAGE, /--email/);
  });
  test('a password that is too short, too long, or none', () => {
    for (const input of ['short\n', '', '\n', `${'x'.repeat(129)}\n`, `${'x'.repeat(100_000)}\n`, 'nul\0 inside it\n'])
      isRefused(admin('user', 'add', '--email', 'b@example.org', { input }), FAILED, /password/i);
    assert.deepEqual(sql(admin.database, "SELECT * FROM user_emails WHERE address = 'b@example.org'"), []);
  });
  test('a password among the arguments', () => {
    for (const args of [['--password', 'correct horse'], ['--password=correct horse'], ['correct horse']])
      isRefused(add('--email', 'c@example.org', ...args), USAGE, /./);
    assert.ok(!dump(admin.database).includes('correct horse'));
  });
});

test('set-password takes the first line of stdin', () => {
  const { id } = admin.add('password@example.org');
  const hash = () => sql(admin.database, `SELECT hash FROM passwords WHERE user_id = '${id}'`)[0].hash;
  const before = hash();
  const { code, stdout } = admin('user', 'set-password', id, { input: 'another passphrase\nignored\n' });
  assert.equal(code, DONE);
  assert.ok(!stdout.includes('passphrase'));
  assert.notEqual(hash(), before);
  assert.match(hash(), /^\$argon2id\$/);
  isRefused(admin('user', 'set-password', id, { input: 'short\n' }), FAILED, /8 characters/);
  isRefused(admin('user', 'set-password', 'nobody', { input: 'another passphrase\n' }), FAILED, /nobody|no user/i);
});

test('disable and enable', () => {
  const { id } = admin.add('status@example.org');
  const status = () => admin.json('user', 'show', id).status;
  assert.equal(admin('user', 'disable', id).code, DONE);
  assert.equal(status(), 'disabled');
  assert.equal(admin('user', 'disable', id).code, DONE, 'twice is no error');
  assert.equal(admin('user', 'enable', id).code, DONE);
  assert.equal(status(), 'active');
});

test('delete asks first, and leaves nothing', () => {
  const { id } = admin.add('deleted@example.org', '--tier', '3', '--role', 'editor');
  isRefused(admin('user', 'delete', id), USAGE, /--yes/);
  assert.equal(admin.json('user', 'show', id).id, id);
  assert.equal(admin('user', 'delete', id, '--yes').code, DONE);
  isRefused(admin('user', 'show', id), FAILED, /./);
  assert.ok(!dump(admin.database).includes(id));
});

test('text from users cannot move the cursor of a terminal', () => {
  const evil = makeAdmin();
  evil.add('evil@example.org', '--handle', 'evil');
  sql(evil.database, "UPDATE users SET first_name = 'a' || char(27) || '[2Jb' || char(10) || 'c' || char(0x202e) || char(0x9b) || 'd'");
  for (const args of [['user', 'show', 'evil'], ['user', 'list']]) {
    const { stdout } = evil(...args);
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
  assert.equal(evil.json('user', 'show', 'evil').firstName, 'a\u001b[2Jb\nc\u202e\u009bd', 'programs get it as it is');
});

describe('on a terminal', () => {
  test('the password is asked for twice and not shown', async () => {
    const { code, screen } = await onTerminal(['--database', admin.database, 'user', 'add', '--email', 'typed@example.org'],
      ['typed passphrase', 'typed passphrase']);
    assert.equal(code, DONE, screen);
    assert.match(screen, /password:/i);
    assert.ok(!screen.includes('typed passphrase'), screen);
    assert.equal(admin.json('user', 'show', 'typed@example.org').hasPassword, true);
  });
  test('two that differ change nothing', async () => {
    const { code, screen } = await onTerminal(['--database', admin.database, 'user', 'add', '--email', 'typo@example.org'],
      ['typed passphrase', 'other passphrase']);
    assert.equal(code, FAILED, screen);
    assert.match(screen, /differ/);
    assert.equal(admin('user', 'show', 'typo@example.org').code, FAILED);
  });
  test('delete wants a yes', async () => {
    const { id } = admin.add('asked@example.org');
    for (const answer of ['n', '', 'nonsense'])
      assert.equal((await onTerminal(['--database', admin.database, 'user', 'delete', id], [answer])).code, FAILED, answer);
    assert.equal(admin.json('user', 'show', id).id, id);
    const { code, screen } = await onTerminal(['--database', admin.database, 'user', 'delete', id], ['yes']);
    assert.equal(code, DONE, screen);
    assert.equal(admin('user', 'show', id).code, FAILED);
  });
});
