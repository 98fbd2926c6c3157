// X-Forwarded-For and -Proto: whose word counts.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { credentials, freshAddress, parseSetCookie } from '../lib/client.mjs';
import { eventually } from '../lib/program.mjs';
import { MINUTE, roomInWindow } from '../lib/windows.mjs';

const plain = await startApp();
after(() => plain.stop());
const behind = await startApp({ env: { CHAT_TRUSTED_PROXIES: '10.0.0.1, 192.168.0.0/16,2001:db8::/32' } });
after(() => behind.stop());

const LIMIT = 50;
const attempt = (app, remoteAddr, forwarded) => app.client({ remoteAddr }).post('_system.user.loginWithPassword',
  { args: { email: 'nobody@example.org', password: 'wrong password' } }, { headers: forwarded ? { 'x-forwarded-for': forwarded } : {} });

/** The address that the application takes a request to come from: it is in the log. */
async function clientAddress(app, remoteAddr, forwarded) {
  const path = `/probe-${++probes}`;
  await app.client({ remoteAddr }).get(path, { headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } });
  const line = await eventually(() => app.stderr.split('\n').find((text) => text.includes(`path=${path} `)));
  return /\bclient=(\S+)/.exec(line)?.[1];
}
let probes = 0;

test('by default nobody is believed: a spoofed address does not get round a limit', async () => {
  await roomInWindow(15 * MINUTE, MINUTE);
  const address = freshAddress();
  for (let i = 0; i < LIMIT; i++)
    assert.equal((await attempt(plain, address, `203.0.113.${i}`)).status, 401);
  assert.equal((await attempt(plain, address, '203.0.113.99')).status, 429);
  assert.equal((await attempt(plain, '127.0.0.1', '203.0.113.99')).status, 401, 'nor does it fall upon another');
});

test('behind a trusted proxy each client has limits of its own', async () => {
  await roomInWindow(15 * MINUTE, MINUTE);
  for (let i = 0; i < LIMIT; i++)
    assert.equal((await attempt(behind, '10.0.0.1', `198.51.100.${i}, 203.0.113.7`)).status, 401);
  assert.equal((await attempt(behind, '10.0.0.1', '203.0.113.7')).status, 429);
  assert.equal((await attempt(behind, '203.0.113.7')).status, 429);
  assert.equal((await attempt(behind, '10.0.0.1', '203.0.113.8')).status, 401);
});

describe('the client is the rightmost address that is not trusted', () => {
  for (const [remote, forwarded, expected] of [
    ['10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['10.0.0.1', '1.1.1.1, 203.0.113.5', '203.0.113.5'],
    ['10.0.0.1', '1.1.1.1, 203.0.113.5, 192.168.7.7', '203.0.113.5'],
    ['10.0.0.1', '1.1.1.1,203.0.113.5,10.0.0.1,192.168.0.1', '203.0.113.5'],
    ['192.168.3.4', ' 203.0.113.5 ', '203.0.113.5'],
    ['2001:db8::1', '2a00:1450::8', '2a00:1450::8'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '192.168.1.1, 10.0.0.1', '192.168.1.1'],
    ['10.0.0.2', '203.0.113.5', '10.0.0.2'],
    ['203.0.113.9', '203.0.113.5', '203.0.113.9'],
    ['11.0.0.1', '10.0.0.1', '11.0.0.1'],
  ]) {
    test(`${remote} says ${forwarded}: ${expected}`, async () => {
      assert.equal(await clientAddress(behind, remote, forwarded), expected);
    });
  }
  // What a trusted proxy appended but nobody can read must not lend weight to what stood before it.
  for (const forwarded of ['1.1.1.1, unknown', '1.1.1.1, 203.0.113.5:4711', '1.1.1.1, _hidden', '1.1.1.1, ', '1.1.1.1, 999.1.1.1',
    `1.1.1.1, ${'9'.repeat(200)}`]) {
    test(`an unreadable last entry does not let the spoofed one through: ${forwarded.slice(0, 40)}`, async () => {
      assert.notEqual(await clientAddress(behind, '10.0.0.1', forwarded), '1.1.1.1');
    });
  }
});

describe('X-Forwarded-Proto', () => {
  const isSecure = async (app, remoteAddr, proto, https = false) => {
    const client = app.client({ remoteAddr, https });
    await client.signUp();
    const response = await client.post('_system.user.loginWithPassword', { args: credentials(client) },
      { headers: { 'x-forwarded-proto': proto } });
    return parseSetCookie(response.all('set-cookie')[0]).attributes.secure === true;
  };
  test('of a trusted proxy makes the cookie Secure', async () => {
    assert.equal(await isSecure(behind, '10.0.0.1', 'https'), true);
    assert.equal(await isSecure(behind, '10.0.0.1', 'http'), false);
  });
  test('of anybody else does not', async () => {
    assert.equal(await isSecure(behind, freshAddress(), 'https'), false);
    assert.equal(await isSecure(plain, freshAddress(), 'https'), false);
    assert.equal(await isSecure(plain, freshAddress(), 'http', true), true);
  });
});
