// Rate limits by address, shared by all processes on one database.
import { after, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { freshAddress, freshEmail } from '../lib/client.mjs';
import { MINUTE, roomInWindow } from '../lib/windows.mjs';

beforeEach(() => roomInWindow(15 * MINUTE, MINUTE));

const one = await startApp();
after(() => one.stop());
const two = await startApp({ env: { CHAT_DATABASE: one.database } });
after(() => two.stop());

const attempt = (app, remoteAddr, email = 'nobody@example.org') =>
  app.client({ remoteAddr }).post('_system.user.loginWithPassword', { args: { email, password: 'wrong password' } });
const signUp = (app, remoteAddr, args = {}) =>
  app.client({ remoteAddr }).post('_system.user.signupWithPassword', { args: { email: freshEmail(), password: 'correct horse',
    ...args } });

/** Sends `count` requests, two at a time to either process; answers the statuses. */
async function burst(count, send) {
  const statuses = [];
  let left = count;
  await Promise.all([one, two, one, two].map(async (app) => {
    while (left-- > 0) statuses.push((await send(app)).status);
  }));
  return statuses;
}

function isRateLimited(response) {
  assert.equal(response.status, 429);
  assert.match(response.get('content-type'), /^text\/plain/);
  const seconds = Number(response.get('retry-after'));
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400, response.get('retry-after'));
}

test('50 sign-ins an address in 15 minutes, over both processes', async () => {
  const address = freshAddress();
  assert.deepEqual(new Set(await burst(50, (app) => attempt(app, address))), new Set([401]));
  for (const app of [one, two]) isRateLimited(await attempt(app, address));

  const owner = one.client({ remoteAddr: freshAddress() });
  await owner.join();
  const right = await one.client({ remoteAddr: address }).post('_system.user.loginWithPassword',
    { args: { email: owner.email, password: owner.password } });
  isRateLimited(right);
  assert.equal((await attempt(two, freshAddress())).status, 401, 'other addresses are not concerned');
});

test('who is turned away because others sign in is not counted', async (t) => {
  const crowded = await startApp({ args: ['--threads', '7'] }); // of which three hash a password, or wait to
  t.after(() => crowded.stop());
  const slow = crowded.client();
  await slow.signUp();
  crowded.sql("UPDATE passwords SET hash = replace(hash, ',t=2,', ',t=100,')"); // 50 times the work
  const others = Array.from({ length: 4 }, () => attempt(crowded, freshAddress(), slow.email));
  assert.equal((await Promise.race(others)).status, 503, 'no more of them fit in');

  for (const send of [attempt, signUp]) {
    const address = freshAddress();
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(crowded, address)));
    assert.deepEqual(answers.map(({ status }) => status), Array(5).fill(503));
    assert.deepEqual(crowded.sql(`SELECT * FROM rate_limits WHERE key = '${address}' AND current + previous > 0`), []);
  }
  const statuses = (await Promise.all(others)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [401, 401, 401, 503]);
});

test('a race of sign-ins lets exactly 50 through', async () => {
  const address = freshAddress();
  const statuses = await burst(60, (app) => attempt(app, address));
  assert.equal(statuses.filter((status) => status === 401).length, 50);
  assert.equal(statuses.filter((status) => status === 429).length, 10);
});

test('20 accounts an address in 15 minutes', async () => {
  const address = freshAddress();
  assert.deepEqual(new Set(await burst(20, (app) => signUp(app, address))), new Set([200]));
  const users = one.sql('SELECT count(*) AS n FROM users')[0].n;
  for (const app of [one, two]) isRateLimited(await signUp(app, address));
  assert.equal(one.sql('SELECT count(*) AS n FROM users')[0].n, users);
});

test('50 attempts to create an account, valid or not', async () => {
  const address = freshAddress();
  const statuses = new Set(await burst(50, (app) => signUp(app, address, { password: 'short' })));
  assert.deepEqual(statuses, new Set([400]));
  isRateLimited(await signUp(one, address));
  isRateLimited(await signUp(two, address, { password: 'short' }));
});

test('the windows slide: what was counted long ago does not count', async () => {
  const address = freshAddress();
  await burst(50, (app) => attempt(app, address));
  isRateLimited(await attempt(one, address));
  one.sql(`UPDATE rate_limits SET window_start = window_start - 3 * window_ms WHERE key = '${address}'`);
  assert.equal((await attempt(two, address)).status, 401);
});

test('addresses of one IPv6 network count together', async () => {
  for (let i = 0; i < 50; i++)
    assert.equal((await attempt(one, `2001:db8:1:2::${i.toString(16)}`)).status, 401);
  isRateLimited(await attempt(two, '2001:db8:1:2:ffff:ffff:ffff:ffff'));
  assert.equal((await attempt(two, '2001:db8:1:3::1')).status, 401);
});
