// behest-admin's command line.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { DONE, USAGE, makeAdmin } from '../lib/admin.mjs';
import { programPath, run, temporaryFolder } from '../lib/program.mjs';

const admin = makeAdmin();
admin.add('a@example.org', '--handle', 'ada');

test('--help names every command, --version the version', () => {
  const { code, stdout, stderr } = run('behest-admin', ['--help']);
  assert.equal(code, DONE);
  assert.equal(stderr, '');
  for (const command of ['user add', 'user list', 'user show', 'user set-password', 'user disable', 'user enable', 'user delete',
    'tier set', 'tier show', 'tier list', 'role add', 'role remove', 'session list', 'session revoke', 'db migrate', 'db backup', 'db check', 'keygen', 'doctor'])
    assert.ok(stdout.includes(command), command);
  assert.match(run('behest-admin', ['--version']).stdout, /^behest-admin \d/);
});

for (const args of [
  [], ['nonsense'], ['--nonsense'], ['--database'],
  ['user'], ['user', 'nonsense'], ['user', 'show'], ['user', 'show', 'a', 'b'],
  ['user', 'list', 'more'], ['user', 'list', '--nonsense'], ['user', 'list', '--tier', '2'], ['user', 'list', '--json=yes'],
  ['tier', 'set', 'ada'], ['tier', 'set', 'ada', '2', '3'], ['role', 'add', 'ada'], ['db', 'backup'], ['keygen', 'more'],
]) {
  test(`behest-admin ${args.join(' ')}: a usage error`, () => {
    const { code, stdout, stderr } = run('behest-admin', args, { env: { CHAT_DATABASE: admin.database } });
    assert.equal(code, USAGE, `${stdout}${stderr}`);
    assert.equal(stdout, '');
    assert.ok(stderr.length > 10);
  });
}

test('options stand anywhere, and -- ends them', () => {
  for (const args of [['--json', 'user', 'show', 'ada'], ['user', '--json', 'show', 'ada'], ['user', 'show', 'ada', '--json'],
    ['user', 'show', '--json', '--', 'ada']]) {
    const { code, stdout, stderr } = admin(...args);
    assert.equal(code, DONE, stderr);
    assert.equal(JSON.parse(stdout).handle, 'ada');
  }
});

test('every answer for programs is JSON', () => {
  for (const args of [
    ['user', 'list'], ['user', 'show', 'ada'], ['user', 'disable', 'ada'], ['user', 'enable', 'ada'],
    ['tier', 'set', 'ada', '2'], ['tier', 'show', 'ada'], ['tier', 'list'], ['role', 'add', 'ada', 'x'], ['role', 'remove', 'ada', 'x'],
    ['session', 'list'], ['session', 'revoke', 'ada'],
    ['db', 'check'], ['db', 'migrate'], ['db', 'backup', `${temporaryFolder()}/b.db`], ['keygen'],
  ]) {
    const { code, stdout, stderr } = admin(...args, '--json');
    assert.equal(code, DONE, `${args.join(' ')}: ${stderr}`);
    assert.equal(typeof JSON.parse(stdout), 'object', args.join(' '));
  }
});

test('output that cannot be written is an error', () => {
  const { code } = run('/bin/sh', ['-c', '"$0" --database "$1" user list > /dev/full', programPath('behest-admin'),
    admin.database]);
  assert.notEqual(code, DONE);
});

test('the key of the server is not asked for', () => {
  const { code } = run('behest-admin', ['--database', admin.database, 'user', 'list'],
    { env: { BEHEST_KEY: 'nonsense', CHAT_SIGNUP: 'nonsense' } });
  assert.equal(code, DONE);
});
