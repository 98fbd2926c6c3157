// The session: what init and heartbeat say, when a token begins and ends, how it is stored.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dump, startApp } from '../lib/app.mjs';
import { CallError, parseSetCookie } from '../lib/client.mjs';

const app = await startApp();
after(() => app.stop());

const WEEK = 604_800;
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const INIT_TYPES = { type: 'object', props: { session: { type: 'object', props: { expiresAt: { type: 'date' } } } } };

function isRefused(status) {
  return (error) => error instanceof CallError && error.status === status;
}

function expiryOf(client) {
  const hash = crypto.createHash('sha256').update(client.cookies.get('authToken')).digest('hex');
  return app.sql(`SELECT expires_at FROM sessions WHERE token_hash = x'${hash}'`)[0]?.expires_at;
}

test('init of an anonymous visitor', async () => {
  const visitor = app.client();
  const response = await visitor.post('_system.session.init');
  assert.equal(response.status, 200);
  assert.match(response.get('content-type'), /^application\/json(;|$)/);
  assert.deepEqual(response.all('set-cookie'), []);
  const { data, typeMap } = response.json;
  assert.deepEqual(Object.keys(data).sort(), ['configs', 'session', 'user']);
  assert.deepEqual(Object.keys(data.session).sort(), ['authToken', 'expiresAt', 'userId']);
  assert.equal(data.session.userId, null);
  assert.equal(data.user, null);
  assert.ok(data.session.authToken.length >= 16);
  assert.match(data.session.expiresAt, ISO_DATE);
  assert.deepEqual(typeMap, INIT_TYPES);
});

test('the public configuration in init', async () => {
  const { configs } = await app.client().call('_system.session.init');
  const values = Object.fromEntries(Object.entries(configs).map(([key, config]) => {
    assert.equal(config.key, key);
    assert.equal(config.type, typeof config.value, `type of ${key}`);
    return [key, config.value];
  }));
  assert.deepEqual(values, {
    '_system.user.auth.email.enabled': true,
    '_system.user.auth.email.verification': false,
    '_system.user.auth.google.enabled': false,
    '_system.user.auth.github.enabled': false,
    '_system.site.url': '',
    'chat.signup': 'open',
    'chat.upgradeUrl': '',
    'chat.examples': '',
  });
});

test('init of somebody signed in', async () => {
  const client = app.client();
  const id = await client.join({ handle: 'initiate', firstName: 'Ina' });
  const { data, typeMap } = (await client.post('_system.session.init')).json;
  assert.equal(data.session.userId, id);
  assert.equal(data.session.authToken, client.cookies.get('authToken'));
  assert.ok(Math.abs(Date.parse(data.session.expiresAt) - Date.now() - WEEK * 1000) < 3_600_000);
  assert.deepEqual(data.user, { id, handle: 'initiate', roles: [], firstName: 'Ina' });
  assert.deepEqual(typeMap, INIT_TYPES);
});

test('the token may come in the body when there is no cookie', async () => {
  const client = app.client();
  const id = await client.join();
  const authToken = client.cookies.get('authToken');
  const bare = app.client();
  const fromBody = (await bare.post('_system.session.init', { args: {}, authToken })).json.data;
  assert.equal(fromBody.session.userId, id);
  const other = app.client();
  const otherId = await other.join();
  const both = (await other.post('_system.session.init', { args: {}, authToken })).json.data;
  assert.equal(both.session.userId, otherId, 'the cookie goes before the body');
});

test('a token that names nothing is an anonymous visitor', async () => {
  for (const token of ['x', 'A'.repeat(43), 'A'.repeat(5000), '%00', "' OR 1=1 --", '']) {
    const client = app.client();
    client.cookies.set('authToken', token);
    const { session, user } = await client.call('_system.session.init');
    assert.equal(session.userId, null, token);
    assert.equal(user, null, token);
    await assert.rejects(client.call('_system.user.getOwnProfile'), isRefused(401));
  }
});

test('heartbeat answers nothing but a type map', async () => {
  const client = app.client();
  await client.join();
  for (const visitor of [client, app.client()]) {
    const response = await visitor.post('_system.session.heartbeat');
    assert.equal(response.status, 200);
    assert.equal(response.text, '{"typeMap":null}');
  }
});

test('heartbeat slides the expiry of session and cookie', async () => {
  const client = app.client();
  await client.join();
  const tomorrow = Date.now() + 86_400_000;
  app.sql(`UPDATE sessions SET expires_at = ${tomorrow} WHERE user_id = '${client.id}'`);
  const response = await client.post('_system.session.heartbeat');
  assert.ok(expiryOf(client) > tomorrow + 5 * 86_400_000);
  const [line] = response.all('set-cookie');
  assert.ok(line, 'the browser hears of the longer life');
  const cookie = parseSetCookie(line);
  assert.equal(cookie.value, client.cookies.get('authToken'));
  assert.equal(cookie.attributes['max-age'], String(WEEK));
});

test('a session that expired is over, and heartbeat does not wake it', async () => {
  const client = app.client();
  await client.join();
  app.sql(`UPDATE sessions SET expires_at = ${Date.now() - 1000} WHERE user_id = '${client.id}'`);
  await assert.rejects(client.call('_system.user.getOwnProfile'), isRefused(401));
  await client.call('_system.session.heartbeat');
  await assert.rejects(client.call('_system.user.getOwnProfile'), isRefused(401));
  assert.equal((await client.call('_system.session.init')).user, null);
});

test('the token changes at sign-in and the old one is dead', async () => {
  const client = app.client();
  await client.join();
  const old = client.cookies.get('authToken');
  await client.signIn();
  assert.notEqual(client.cookies.get('authToken'), old);
  await client.call('_system.user.getOwnProfile');
  const thief = app.client();
  thief.cookies.set('authToken', old);
  await assert.rejects(thief.call('_system.user.getOwnProfile'), isRefused(401));
});

test('a token planted before sign-in does not become the session', async () => {
  const client = app.client();
  await client.signUp();
  const { session } = await client.call('_system.session.init');
  client.cookies.set('authToken', session.authToken);
  await client.signIn();
  const attacker = app.client();
  attacker.cookies.set('authToken', session.authToken);
  await assert.rejects(attacker.call('_system.user.getOwnProfile'), isRefused(401));
});

test('somebody else at another browser stays signed in', async () => {
  const first = app.client();
  await first.join();
  const second = app.client();
  await second.signIn(first.email, first.password);
  assert.notEqual(first.cookies.get('authToken'), second.cookies.get('authToken'));
  await second.call('_system.user.logout');
  await first.call('_system.user.getOwnProfile');
});

test('the database holds the SHA-256 of the token only', async () => {
  const client = app.client();
  await client.join();
  const token = client.cookies.get('authToken');
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  const text = dump(app.database).toLowerCase();
  assert.ok(text.includes(crypto.createHash('sha256').update(token).digest('hex')));
  assert.ok(!text.includes(token.toLowerCase()));
  assert.ok(!text.includes(Buffer.from(token, 'base64url').toString('hex')));
  for (const file of [app.database, `${app.database}-wal`]) {
    const bytes = readFileSync(file);
    assert.equal(bytes.indexOf(token), -1, file);
    assert.equal(bytes.indexOf(Buffer.from(token, 'base64url')), -1, file);
  }
});
