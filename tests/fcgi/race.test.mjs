// Many at once, over two processes on one database.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { healthy } from '../lib/program.mjs';

const one = await startApp({ args: ['--threads', '8'] });
after(() => one.stop());
const two = await startApp({ env: { CHAT_DATABASE: one.database }, args: ['--threads', '8'] });
after(() => two.stop());
const apps = [one, two];

/** Calls again what was refused for being too much at once. */
async function patiently(send) {
  for (let i = 0; i < 40; i++) {
    const response = await send();
    if (response.status !== 503) return response;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail('still too busy');
}

test('sign-ups racing for one address: exactly one wins', async () => {
  for (let round = 0; round < 4; round++) {
    const email = `raced-${round}@example.org`;
    const responses = await Promise.all(Array.from({ length: 12 },
      (_, i) => patiently(() => apps[i % 2].client().post('_system.user.signupWithPassword',
      { args: { email: i % 3 ? email : email.toUpperCase(), password: `password of ${i}`, handle: `racer-${round}-${i}` } }))));
    const winners = responses.filter(({ status }) => status === 200);
    assert.equal(winners.length, 1);
    assert.equal(responses.filter(({ status }) => status === 409).length, 11);
    const rows = one.sql(`SELECT user_id FROM user_emails WHERE address = '${email}'`);
    assert.deepEqual(rows, [{ user_id: winners[0].json.data }]);
  }
  assert.equal(one.sql('SELECT count(*) AS n FROM users')[0].n, 4, 'the losers left nothing');
});

test('sign-ups racing for one handle: exactly one wins', async () => {
  const responses = await Promise.all(Array.from({ length: 10 },
    (_, i) => patiently(() => apps[i % 2].client().post('_system.user.signupWithPassword',
    { args: { email: `handle-racer-${i}@example.org`, password: 'correct horse', handle: i % 2 ? 'OnlyOne' : 'onlyone' } }))));
  assert.equal(responses.filter(({ status }) => status === 200).length, 1);
  assert.equal(responses.filter(({ status }) => status === 409).length, 9);
});

test('default handles racing: all get one, all different', async () => {
  const responses = await Promise.all(Array.from({ length: 10 },
    (_, i) => patiently(() => apps[i % 2].client().post('_system.user.signupWithPassword',
    { args: { email: `namesake@host-${i}.example.org`, password: 'correct horse' } }))));
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
  const handles = one.sql("SELECT lower(handle) AS handle FROM users WHERE handle LIKE 'namesake%'").map(({ handle }) => handle);
  assert.equal(new Set(handles).size, 10);
});

test('a burst of sign-ins does not starve the rest', async () => {
  const client = one.client();
  await client.join();
  const burst = Array.from({ length: 40 }, (_, i) => one.client().post('_system.user.loginWithPassword',
    { args: { email: i % 2 ? client.email : 'nobody@example.org', password: 'wrong password' } }));
  for (let i = 0; i < 5; i++) {
    assert.ok(await healthy(one.address));
    assert.equal((await client.post('behest.mint')).status, 200);
  }
  for (const response of await Promise.all(burst)) {
    assert.ok([401, 503].includes(response.status), String(response.status));
    if (response.status === 503) assert.match(response.get('retry-after') ?? '', /^[1-9]\d*$/);
  }
  await client.signIn();
});

test('one session used by many at once, on both processes', async () => {
  const client = one.client();
  await client.join();
  const other = two.client();
  other.cookies.set('authToken', client.cookies.get('authToken'));
  const answers = await Promise.all(Array.from({ length: 60 },
    (_, i) => (i % 2 ? client : other).call(i % 3 ? 'behest.mint' : '_system.session.init')));
  assert.equal(answers.length, 60);
});

test('a sign-out counts on the other process at once', async () => {
  const client = one.client();
  await client.join();
  const other = two.client();
  other.cookies.set('authToken', client.cookies.get('authToken'));
  await other.call('_system.user.getOwnProfile');
  await client.call('_system.user.logout');
  assert.equal((await other.post('_system.user.getOwnProfile')).status, 401);
  assert.equal((await other.post('behest.mint')).status, 401);
});
