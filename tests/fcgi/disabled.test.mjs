// What the operator does with behest-admin counts at the next request.
import { after, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';

const app = await startApp();
after(() => app.stop());
let client;
beforeEach(async () => {
  client = app.client();
  await client.join();
});

function admin(...args) {
  const result = app.admin(...args);
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result;
}

async function isOut() {
  for (const method of ['behest.mint', '_system.user.getOwnProfile', '_system.user.updateProfile'])
    assert.equal((await client.post(method)).status, 401, method);
  assert.equal((await client.request('POST', '/api/behest/token')).status, 401);
  const { session, user } = await client.call('_system.session.init');
  assert.equal(session.userId, null);
  assert.equal(user, null);
}

const signIn = (password = client.password) => app.client().post('_system.user.loginWithPassword',
  { args: { email: client.email, password } });

test('a disabled user is out, and cannot sign in, until enabled', async () => {
  admin('user', 'disable', client.email);
  await isOut();
  const refused = await signIn();
  assert.equal(refused.status, 401);
  assert.equal(refused.text, (await signIn('wrong password')).text, 'nobody learns that the account is disabled');
  admin('user', 'enable', client.email);
  assert.equal((await signIn()).status, 200);
});

test('a disabled address stays taken', async () => {
  admin('user', 'disable', client.email);
  const response = await app.client().post('_system.user.signupWithPassword',
    { args: { email: client.email, password: 'correct horse' } });
  assert.equal(response.status, 409);
});

test('a deleted user is out, and nothing of them is left', async () => {
  admin('user', 'delete', '--yes', client.email);
  await isOut();
  assert.equal((await signIn()).status, 401);
  for (const table of ['user_emails', 'passwords', 'sessions', 'profiles', 'user_roles'])
    assert.deepEqual(app.sql(`SELECT * FROM ${table} WHERE user_id = '${client.id}'`), [], table);
  const again = app.client();
  await again.signUp({ email: client.email });
});

test('revoked sessions are over', async () => {
  admin('session', 'revoke', client.email);
  await isOut();
  assert.equal((await signIn()).status, 200);
});

test('a new password ends the old one and all sessions', async () => {
  admin('user', 'set-password', client.email, { input: 'brand new password\n' });
  await isOut();
  assert.equal((await signIn()).status, 401);
  assert.equal((await signIn('brand new password')).status, 200);
});

test('roles show at the next request', async () => {
  admin('role', 'add', client.email, 'editor');
  assert.deepEqual((await client.call('_system.session.init')).user.roles, ['editor']);
  admin('role', 'remove', client.email, 'editor');
  assert.deepEqual((await client.call('_system.session.init')).user.roles, []);
});
