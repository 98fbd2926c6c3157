// Signing in and out, and the cookie.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { dump, startApp } from '../lib/app.mjs';
import { CallError, credentials, parseSetCookie } from '../lib/client.mjs';

const app = await startApp();
after(() => app.stop());

const WRONG = 'Incorrect email/password combination';

async function refusal(call) {
  const error = await call.then(() => assert.fail('it was not refused'), (reason) => reason);
  assert.ok(error instanceof CallError, error.stack);
  return error.response;
}

test('the answer to a sign-in', async () => {
  const client = app.client();
  const id = await client.signUp({ handle: 'first', lastName: 'One' });
  const response = await client.post('_system.user.loginWithPassword', { args: credentials(client) });
  assert.equal(response.status, 200);
  const token = client.cookies.get('authToken');
  assert.deepEqual(response.json, {
    data: { user: { id, handle: 'first', roles: [], lastName: 'One' }, session: { authToken: token } },
    typeMap: null,
  });
});

for (const https of [false, true]) {
  test(`the cookie over ${https ? 'HTTPS' : 'HTTP'}`, async () => {
    const client = app.client({ https });
    await client.signUp();
    const response = await client.post('_system.user.loginWithPassword', { args: credentials(client) });
    const lines = response.all('set-cookie');
    assert.equal(lines.length, 1);
    const { name, attributes } = parseSetCookie(lines[0]);
    assert.equal(name, 'authToken');
    const expected = { httponly: true, samesite: 'Lax', path: '/', 'max-age': '604800' };
    assert.deepEqual(attributes, https ? { ...expected, secure: true } : expected);
  });
}

test('the address is known in any case and with blanks around it', async () => {
  const client = app.client();
  await client.signUp({ email: 'Upper.Case@Example.ORG' });
  for (const email of ['upper.case@example.org', 'UPPER.CASE@EXAMPLE.ORG', '  Upper.Case@example.org '])
    assert.equal((await client.signIn(email)).user.handle.toLowerCase(), 'upper.case');
});

test('wrong address and wrong password are told apart by nothing', async () => {
  const client = app.client();
  await client.signUp();
  const wrongPassword = await refusal(client.signIn(client.email, 'wrong password'));
  const wrongAddress = await refusal(client.signIn('nobody@example.org', 'wrong password'));
  const noAddress = await refusal(client.signIn('not an address', 'wrong password'));
  for (const response of [wrongPassword, wrongAddress, noAddress]) {
    assert.equal(response.status, 401);
    assert.equal(response.text, WRONG);
    assert.deepEqual(response.all('set-cookie'), []);
    assert.deepEqual(response.fields.map(([field]) => field), wrongPassword.fields.map(([field]) => field));
  }
});

test('an almost right password is wrong', async () => {
  const client = app.client();
  await client.signUp({ password: 'Passw\u00f6rd 1234' });
  for (const password of ['Passw\u00f6rd 123', 'Passw\u00f6rd 12345', 'passw\u00f6rd 1234', 'Passw\u00f6rd 1234 ', ''])
    assert.equal((await refusal(client.signIn(client.email, password))).status, 401, JSON.stringify(password));
  await client.signIn();
});

test('a sign-in without its arguments', async () => {
  for (const args of [{}, { email: 'a@example.org' }, { password: 'x' }, { email: 1, password: 'correct horse' },
    { email: 'a@example.org', password: null }, { email: ['a@example.org'], password: 'x' }, { email: 'a@example.org',
      password: {} }]) {
    const response = await app.client().post('_system.user.loginWithPassword', { args });
    assert.ok([400, 401].includes(response.status), `${response.status} for ${JSON.stringify(args)}`);
    assert.ok(response.text.length > 5);
  }
});

test('a password that is longer than any is refused quickly', async () => {
  const client = app.client();
  await client.signUp();
  const response = await refusal(client.signIn(client.email, 'x'.repeat(60_000)));
  assert.ok([400, 401].includes(response.status));
});

test('signing out ends the session and clears the cookie', async () => {
  const client = app.client();
  await client.join();
  const token = client.cookies.get('authToken');
  const response = await client.post('_system.user.logout');
  assert.equal(response.text, '{"typeMap":null}');
  const cookie = parseSetCookie(response.all('set-cookie')[0]);
  assert.deepEqual([cookie.name, cookie.value, cookie.attributes['max-age'], cookie.attributes.path], ['authToken', '', '0', '/']);
  client.cookies.set('authToken', token);
  assert.equal((await refusal(client.call('_system.user.getOwnProfile'))).status, 401);
  assert.deepEqual(app.sql(`SELECT * FROM sessions WHERE user_id = '${client.id}'`), []);
});

test('signing out when not signed in is no error', async () => {
  const response = await app.client().post('_system.user.logout');
  assert.equal(response.status, 200);
  assert.equal(response.text, '{"typeMap":null}');
});

test('passwords are stored as Argon2id', async () => {
  const client = app.client();
  await client.signUp({ password: 'unmistakable passphrase' });
  const text = dump(app.database);
  assert.match(text, /\$argon2id\$/);
  assert.ok(!text.includes('unmistakable'));
});

test('a hash with old parameters is made anew at sign-in', async () => {
  const client = app.client();
  const id = await client.signUp({ password: 'password' });
  // Argon2id of "password" with m=256 KiB, t=2, p=1: the reference implementation's own test vector.
  const old = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  app.sql(`UPDATE passwords SET hash = '${old}' WHERE user_id = '${id}'`);
  await client.signIn();
  const [{ hash }] = app.sql(`SELECT hash FROM passwords WHERE user_id = '${id}'`);
  assert.match(hash, /^\$argon2id\$/);
  assert.notEqual(hash, old);
  await client.signIn();
});
