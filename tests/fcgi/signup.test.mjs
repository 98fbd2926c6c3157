// Creating an account, and the rules for every field.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { CallError, freshEmail } from '../lib/client.mjs';

const app = await startApp();
after(() => app.stop());

const ok = (more) => ({ email: freshEmail(), password: 'correct horse', ...more });

async function signUp(args, client = app.client()) {
  return client.post('_system.user.signupWithPassword', { args });
}

test('a new account answers its id and does not sign in', async () => {
  const client = app.client();
  const response = await signUp(ok(), client);
  assert.equal(response.status, 200);
  assert.deepEqual(Object.keys(response.json).sort(), ['data', 'typeMap']);
  assert.match(response.json.data, /^[0-9a-f]{24}$/);
  assert.equal(response.json.typeMap, null);
  assert.deepEqual(response.all('set-cookie'), []);
  assert.equal((await client.call('_system.session.init')).user, null);
});

test('ids are ordered by time', async () => {
  const ids = [];
  for (let i = 0; i < 3; i++) {
    ids.push(await app.client().signUp());
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }
  assert.deepEqual([...ids].sort(), ids);
  assert.ok(Math.abs(Number.parseInt(ids[0].slice(0, 8), 16) - Date.now() / 1000) < 60, 'the first four bytes are seconds');
});

describe('refused with 400 and a sentence', () => {
  const refused = {
    'no arguments': {},
    'no email': { password: 'correct horse' },
    'no password': { email: freshEmail() },
    'email null': ok({ email: null }),
    'email a number': ok({ email: 5 }),
    'email an object': ok({ email: { $ne: '' } }),
    'email empty': ok({ email: '' }),
    'email blank': ok({ email: '   ' }),
    'email without @': ok({ email: 'example.org' }),
    'email without local part': ok({ email: '@example.org' }),
    'email without domain': ok({ email: 'person@' }),
    'email with two @': ok({ email: 'a@b@example.org' }),
    'email with a blank inside': ok({ email: 'a b@example.org' }),
    'email with a line feed': ok({ email: 'a\nb@example.org' }),
    'email with a NUL': ok({ email: 'a\u0000b@example.org' }),
    'email with an angle bracket': ok({ email: '<script>@example.org' }),
    'email of 255 characters': ok({ email: `${'a'.repeat(243)}@example.org` }),
    'password null': ok({ password: null }),
    'password a number': ok({ password: 12345678 }),
    'password of 7 characters': ok({ password: '1234567' }),
    'password of 7 characters in 14 bytes': ok({ password: '\u00e4'.repeat(7) }),
    'password of 129 characters': ok({ password: 'x'.repeat(129) }),
    'password with a NUL': ok({ password: 'secret\u0000 and more' }),
    'handle of 2 characters': ok({ handle: 'ab' }),
    'handle of 2 characters and blanks': ok({ handle: '  ab  ' }),
    'handle of 51 characters': ok({ handle: 'h'.repeat(51) }),
    'handle a number': ok({ handle: 12345 }),
    'handle with a control character': ok({ handle: 'abc\u0007def' }),
    'first name of 51 characters': ok({ firstName: 'n'.repeat(51) }),
    'first name an array': ok({ firstName: ['Ada'] }),
    'last name of 51 characters': ok({ lastName: 'n'.repeat(51) }),
    'last name with a line feed': ok({ lastName: 'Love\nlace' }),
    'avatar of 401 characters': ok({ avatarUrl: `https://example.org/${'a'.repeat(381)}` }),
    'avatar with a script': ok({ avatarUrl: 'javascript:alert(1)' }),
    'avatar with data': ok({ avatarUrl: 'data:text/html,x' }),
    'avatar a boolean': ok({ avatarUrl: true }),
  };
  for (const [name, args] of Object.entries(refused)) {
    test(name, async () => {
      const response = await signUp(args);
      assert.equal(response.status, 400, response.text);
      assert.match(response.get('content-type'), /^text\/plain/);
      assert.match(response.text, /^[A-Z][^{}]{8,}$/);
      assert.ok(!response.text.includes('correct horse'));
      if (typeof args.email === 'string')
        assert.deepEqual(app.sql(`SELECT * FROM user_emails WHERE address = '${args.email.toLowerCase().replace(/\0/g, '')}'`), []);
    });
  }
});

describe('accepted, at the limits', () => {
  const accepted = {
    'email of 254 characters': ok({ email: `${'b'.repeat(242)}@example.org` }),
    'password of 8 characters': ok({ password: '12345678' }),
    'password of 128 characters in 512 bytes': ok({ password: '\u{1f600}'.repeat(128) }),
    'password of blanks inside and outside': ok({ password: '  blank  blank  ' }),
    'handle of 3 characters': ok({ handle: 'abc' }),
    'handle of 50 characters': ok({ handle: 'h'.repeat(50) }),
    'handle of 50 characters in 200 bytes': ok({ handle: '\u{1f600}'.repeat(50) }),
    'names of 50 characters in 100 bytes': ok({ firstName: '\u00e9'.repeat(50), lastName: '\u00f1'.repeat(50) }),
    'avatar of 400 characters': ok({ avatarUrl: `https://example.org/${'a'.repeat(380)}` }),
    'names that are empty': ok({ firstName: '', lastName: '' }),
  };
  for (const [name, args] of Object.entries(accepted)) {
    test(name, async () => {
      const client = app.client();
      const response = await signUp(args, client);
      assert.equal(response.status, 200, response.text);
      const { user } = await client.signIn(args.email, args.password);
      for (const field of ['handle', 'firstName', 'lastName', 'avatarUrl'])
        if (args[field] !== undefined) assert.equal(user[field], args[field] || undefined, field);
    });
  }
});

test('an address is taken in any case', async () => {
  const email = freshEmail();
  await app.client().signUp({ email });
  const response = await signUp(ok({ email: email.toUpperCase() }));
  assert.equal(response.status, 409);
  assert.match(response.text, /email/i);
});

test('a handle is taken in any case and trimmed', async () => {
  await app.client().signUp({ handle: 'Grace' });
  assert.equal((await signUp(ok({ handle: 'gRACE' }))).status, 409);
  assert.equal((await signUp(ok({ handle: '  grace\t' }))).status, 409);
});

test('the handle by default is the address before the @, then numbered', async () => {
  const handles = [];
  for (const domain of ['one', 'two', 'three']) {
    const client = app.client();
    await client.join({ email: `same.name@${domain}.example.org` });
    handles.push((await client.call('_system.user.getOwnProfile')).handle);
  }
  assert.deepEqual(handles, ['same.name', 'same.name_2', 'same.name_3']);
});

test('a default handle is as long as a handle has to be', async () => {
  for (const local of ['a', 'x'.repeat(60)]) {
    const client = app.client();
    await client.join({ email: `${local}@handles.example.org` });
    const { handle } = await client.call('_system.user.getOwnProfile');
    assert.ok(handle.length >= 3 && handle.length <= 50, handle);
    assert.ok(handle.startsWith(local.slice(0, 30)), handle);
  }
});

test('signing up while signed in', async () => {
  const client = app.client();
  await client.join();
  await assert.rejects(client.signUp(), (error) => error instanceof CallError && error.status === 400 && error.code === 'ALREADY_AUTHENTICATED');
});

test('fields that nobody asked for have no effect', async () => {
  const client = app.client();
  await client.join({ roles: ['admin'], tier: 3, id: 'f'.repeat(24), status: 'admin' });
  const { user } = await client.call('_system.session.init');
  assert.deepEqual(user.roles, []);
  assert.notEqual(user.id, 'f'.repeat(24));
});

test('a closed house', async (t) => {
  const closed = await startApp({ env: { CHAT_SIGNUP: 'closed', CHAT_UPGRADE_URL: 'https://example.org/pro',
    CHAT_EXAMPLES: ' Who are you? |Warum? ', CHAT_SITE_URL: 'https://chat.example.org' } });
  t.after(() => closed.stop());
  const client = closed.client();
  const { configs } = await client.call('_system.session.init');
  assert.deepEqual(['chat.signup', 'chat.upgradeUrl', 'chat.examples', '_system.site.url'].map((key) => configs[key].value),
    ['closed', 'https://example.org/pro', 'Who are you?|Warum?', 'https://chat.example.org']);
  const response = await signUp(ok(), client);
  assert.equal(response.status, 403);
  assert.deepEqual(closed.sql('SELECT * FROM users'), []);
});
