// getOwnProfile and updateProfile.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { CallError } from '../lib/client.mjs';

const app = await startApp();
after(() => app.stop());

const update = (client, args) => client.call('_system.user.updateProfile', args);

test('the profile leaves absent optionals out', async () => {
  const client = app.client();
  await client.join({ email: 'Plain@example.org', handle: 'plain' });
  const response = await client.post('_system.user.getOwnProfile');
  assert.deepEqual(response.json, {
    data: { handle: 'plain', emails: [{ address: 'plain@example.org', verified: false }], authMethods: ['password'] },
    typeMap: null,
  });
});

test('the profile has what was given', async () => {
  const client = app.client();
  const given = { handle: 'Full.House', firstName: 'Zo\u00eb', lastName: '\u674e', avatarUrl: 'https://example.org/a.png?b=1&c=2' };
  await client.join(given);
  const { emails, authMethods, ...rest } = await client.call('_system.user.getOwnProfile');
  assert.deepEqual(rest, given);
  assert.equal(emails.length, 1);
  assert.deepEqual(authMethods, ['password']);
});

test('an update answers the user and changes what was named only', async () => {
  const client = app.client();
  const id = await client.join({ handle: 'updated', firstName: 'Old', lastName: 'Name' });
  const response = await client.post('_system.user.updateProfile', { args: { firstName: ' New ' } });
  assert.deepEqual(response.json, {
    data: { user: { id, handle: 'updated', roles: [], firstName: 'New', lastName: 'Name' } },
    typeMap: null,
  });
  const { user } = await client.call('_system.session.init');
  assert.equal(user.firstName, 'New');
});

test("'' clears a name", async () => {
  const client = app.client();
  await client.join({ firstName: 'A', lastName: 'B', avatarUrl: 'https://example.org/c.png' });
  const { user } = await update(client, { firstName: '', lastName: '', avatarUrl: '' });
  assert.deepEqual(Object.keys(user).sort(), ['handle', 'id', 'roles']);
});

test('nothing named, nothing changed', async () => {
  const client = app.client();
  await client.join({ firstName: 'Same' });
  const { user } = await update(client, {});
  assert.equal(user.firstName, 'Same');
});

test('the own handle in another case is no conflict', async () => {
  const client = app.client();
  await client.join({ handle: 'recased' });
  const { user } = await update(client, { handle: 'ReCased' });
  assert.equal(user.handle, 'ReCased');
});

test("somebody else's handle is", async () => {
  await app.client().signUp({ handle: 'occupied' });
  const client = app.client();
  await client.join({ handle: 'squatter', firstName: 'Before' });
  await assert.rejects(update(client, { handle: 'OCCUPIED', firstName: 'After' }), (error) => error.status === 409);
  const profile = await client.call('_system.user.getOwnProfile');
  assert.deepEqual([profile.handle, profile.firstName], ['squatter', 'Before'], 'all or nothing');
});

describe('refused with 400', () => {
  const refused = {
    'a handle of 2 characters': { handle: 'ab' },
    'an empty handle': { handle: '' },
    'a handle of 51 characters': { handle: 'h'.repeat(51) },
    'a first name of 51 characters': { firstName: 'n'.repeat(51) },
    'a last name that is a number': { lastName: 7 },
    'an avatar that is no web address': { avatarUrl: 'javascript:alert(1)' },
    'a name with a NUL': { firstName: 'a\u0000b' },
    'a valid field beside a wrong one': { firstName: 'Valid', lastName: 'n'.repeat(51) },
  };
  for (const [name, args] of Object.entries(refused)) {
    test(name, async () => {
      const client = app.client();
      await client.join({ firstName: 'Kept' });
      await assert.rejects(update(client, args), (error) => error instanceof CallError && error.status === 400);
      assert.equal((await client.call('_system.user.getOwnProfile')).firstName, 'Kept');
    });
  }
});

test('id, roles, tier and email are not for the user to change', async () => {
  const client = app.client();
  const id = await client.join();
  await update(client, { id: 'a'.repeat(24), roles: ['admin'], tier: 3, email: 'x@example.org', emails: [], status: 'x' });
  const { user } = await client.call('_system.session.init');
  assert.equal(user.id, id);
  assert.deepEqual(user.roles, []);
  assert.equal((await client.call('_system.user.getOwnProfile')).emails[0].address, client.email);
});

test('a user id in the arguments is not looked at', async () => {
  const victim = app.client();
  const victimId = await victim.join({ firstName: 'Victim' });
  const client = app.client();
  await client.join();
  await update(client, { firstName: 'Mine', userId: victimId, id: victimId, user_id: victimId });
  assert.equal((await victim.call('_system.user.getOwnProfile')).firstName, 'Victim');
});

test('text that is code elsewhere comes back as it was', async () => {
  const client = app.client();
  await client.join();
  for (const text of ["Robert'); DROP TABLE users;--", '<img src=x onerror=alert(1)>', '"\\\u2028\u{1f469}\u200d\u{1f680}',
    '%s%n%d']) {
    assert.equal((await update(client, { firstName: text })).user.firstName, text);
    assert.equal((await client.call('_system.user.getOwnProfile')).firstName, text);
  }
});

test('nobody is signed in', async () => {
  for (const method of ['getOwnProfile', 'updateProfile']) {
    const response = await app.client().post(`_system.user.${method}`);
    assert.equal(response.status, 401);
    assert.match(response.get('content-type'), /^text\/plain/);
    assert.match(response.text, /sign in/i);
  }
});
