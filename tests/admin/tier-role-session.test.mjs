// behest-admin tier, role and session
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { DONE, FAILED, USAGE, makeAdmin } from '../lib/admin.mjs';
import { startApp } from '../lib/app.mjs';

const admin = makeAdmin();

test('tier: set, show, list, back to the default', () => {
  const { id } = admin.add('tier@example.org', '--handle', 'tiered');
  admin.add('default@example.org');
  assert.equal(admin.json('tier', 'show', id).tier, null);
  for (const tier of ['2', '1000', '1']) {
    assert.equal(admin('tier', 'set', 'tiered', tier).code, DONE);
    assert.equal(admin.json('tier', 'show', id).tier, Number(tier));
  }
  assert.deepEqual(admin.json('tier', 'list').map(({ handle, tier }) => [handle, tier]), [['tiered', 1]]);
  assert.match(admin('tier', 'list').stdout, /tiered/);
  assert.equal(admin('tier', 'set', id, 'default').code, DONE);
  assert.equal(admin.json('tier', 'show', id).tier, null);
  assert.deepEqual(admin.json('tier', 'list'), []);
});

test('a tier that is none', () => {
  const { id } = admin.add('notier@example.org');
  for (const tier of ['0', '-1', '1001', '1.5', 'gold', '', '2x', '99999999999999999999']) {
    const { code, stderr } = admin('tier', 'set', id, tier);
    assert.equal(code, USAGE, `${tier}: ${stderr}`);
    assert.match(stderr, /tier|option/);
  }
  assert.equal(admin.json('tier', 'show', id).tier, null);
  assert.equal(admin('tier', 'set', 'nobody', '2').code, FAILED);
});

test('roles: add, remove', () => {
  const { id } = admin.add('role@example.org');
  const roles = () => admin.json('user', 'show', id).roles;
  assert.equal(admin('role', 'add', id, 'editor').code, DONE);
  assert.equal(admin('role', 'add', id, 'admin').code, DONE);
  const twice = admin('role', 'add', id, 'admin');
  assert.equal(twice.code, FAILED);
  assert.match(twice.stderr, /already/);
  assert.deepEqual(roles().sort(), ['admin', 'editor']);
  assert.equal(admin('role', 'remove', id, 'editor').code, DONE);
  assert.deepEqual(roles(), ['admin']);
  for (const role of ['', 'two words', 'a,b', 'r'.repeat(51), 'line\nfeed'])
    assert.equal(admin('role', 'add', id, role).code, USAGE, JSON.stringify(role));
  assert.deepEqual(roles(), ['admin']);
});

test('removing a role that is not there says so', () => {
  const { id } = admin.add('norole@example.org');
  const { code, stderr } = admin('role', 'remove', id, 'editor');
  assert.equal(code, FAILED);
  assert.match(stderr, /role/);
});

test('sessions: list and revoke, while the server runs', async () => {
  const app = await startApp();
  after(() => app.stop());
  const [ada, bob] = [app.client(), app.client()];
  await ada.join();
  await ada.signIn();
  await bob.join();
  const other = app.client();
  await other.signIn(bob.email, bob.password);

  const list = (...args) => {
    const { code, stdout, stderr } = app.admin('session', 'list', ...args, '--json');
    assert.equal(code, DONE, stderr);
    return JSON.parse(stdout);
  };
  assert.equal(list().length, 3, 'a session that was replaced at sign-in is gone');
  assert.equal(list(bob.email).length, 2);
  const all = app.admin('session', 'list').stdout + JSON.stringify(list());
  for (const client of [ada, bob, other]) assert.ok(!all.includes(client.cookies.get('authToken')));

  const { code, stdout } = app.admin('session', 'revoke', bob.email);
  assert.equal(code, DONE);
  assert.match(stdout, /2/);
  assert.equal((await bob.post('_system.user.getOwnProfile')).status, 401);
  assert.equal((await other.post('_system.user.getOwnProfile')).status, 401);
  assert.equal((await ada.post('_system.user.getOwnProfile')).status, 200);
  assert.equal(list().length, 1);
  assert.equal(app.admin('session', 'revoke', 'nobody').code, FAILED);
});
