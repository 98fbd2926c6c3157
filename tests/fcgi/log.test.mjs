// One line a request on stderr, in logfmt, with nothing in it that is nobody's business.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { eventually } from '../lib/program.mjs';
import { parseLogLine } from '../lib/logfmt.mjs';

const app = await startApp();
after(() => app.stop());

/** The line about a request for a path. */
async function lineAbout(program, path, from = 0) {
  return eventually(() => program.stderr.slice(from).split('\n').map(parseLogLine).find((line) => line?.path === path),
    `no line about ${path}`);
}

test('the fields', async () => {
  const client = app.client();
  await client.join();
  const from = app.stderr.length;
  await client.call('behest.mint');
  const line = await lineAbout(app, '/api/_internal/method/behest.mint', from);
  assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  assert.equal(line.level, 'info');
  assert.equal(line.method, 'POST');
  assert.equal(line.status, '200');
  assert.match(line.ms, /^\d+$/);
  assert.match(line.id, /^\S{8,}$/);
  assert.equal(line.user, client.id);
});

test('somebody not signed in has no user', async () => {
  await app.client().get('/signin');
  assert.equal((await lineAbout(app, '/signin')).user, undefined);
});

test('exactly one line a request, each with an id of its own', async () => {
  const paths = Array.from({ length: 30 }, (_, i) => `/counted-${i}`);
  await Promise.all(paths.map((path) => app.client().get(path)));
  await Promise.all(paths.map((path) => lineAbout(app, path)));
  const lines = app.stderr.split('\n').map(parseLogLine).filter((line) => line?.path?.startsWith('/counted-'));
  assert.equal(lines.length, paths.length);
  assert.equal(new Set(lines.map(({ id }) => id)).size, paths.length);
  for (const line of lines) assert.equal(line.status, '404');
});

test('no query, no cookie, no password, no token', async () => {
  const from = app.stderr.length;
  const client = app.client();
  await client.join({ password: 'unlikely-password' });
  const { token } = await client.call('behest.mint');
  await client.get('/logged', { query: 'token=unlikely-query', headers: { authorization: 'Bearer unlikely-bearer',
    referer: 'http://x/?unlikely-referer' } });
  await client.post('_system.user.loginWithPassword', { args: { email: client.email, password: 'unlikely-wrong' } });
  await client.post('_system.user.loginWithPassword', '{"args":{"password":"unlikely-broken');
  await client.call('_system.user.logout');
  await client.get('/last-of-all');
  await lineAbout(app, '/last-of-all', from);
  const text = app.stderr.slice(from);
  assert.doesNotMatch(text, /unlikely/);
  assert.ok(!text.includes(token));
  assert.ok(!text.includes(client.cookies.get('authToken') ?? 'cookie was cleared'));
  assert.doesNotMatch(text, /authToken|BEGIN|argon2/);
});

test('a request cannot forge a line or break out of a field', async () => {
  const from = app.stderr.length;
  await app.client().get('/x%20status=200%20user=admin%22%0atime=2020');
  await app.client().request('GET"\ntime=2020-01-01T00:00:00Z level=error msg=forged', '/forged');
  await app.client().get('/%1b[31mred%e2%80%ae');
  await app.client().get('/end-of-forging');
  await lineAbout(app, '/end-of-forging', from);
  for (const text of app.stderr.slice(from).split('\n').filter(Boolean)) {
    const line = parseLogLine(text);
    assert.ok(line, `not logfmt: ${text}`);
    assert.ok(!line.time.startsWith('2020'), text);
    assert.notEqual(line.user, 'admin');
    assert.doesNotMatch(text, /[\u0000-\u001f\u007f]/);
  }
});

test('levels', async () => {
  for (const [level, requests, starts] of [['error', false, false], ['warn', false, false], ['info', true, true],
    ['debug', true, true]]) {
    const other = await startApp({ env: { CHAT_LOG_LEVEL: level } });
    await other.client().get('/levelled');
    await other.stop();
    const lines = other.stderr.split('\n').map(parseLogLine).filter(Boolean);
    assert.equal(lines.some(({ path }) => path === '/levelled'), requests, level);
    assert.equal(lines.some(({ msg }) => /start/.test(msg)), starts, level);
  }
});
