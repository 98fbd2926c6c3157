// The connection to Behest: kept, tried again once when it breaks, given up in time, and verified.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { remoteMinting, startApp } from '../lib/app.mjs';
import { ScriptedBehest, TOKEN, answers, selfSigned } from '../lib/scripted-behest.mjs';
import { freePort } from '../lib/ports.mjs';
import { eventually, sleep } from '../lib/program.mjs';

const behest = await ScriptedBehest.start();
after(() => behest.close());
const app = await startApp({ env: remoteMinting(behest.url), args: ['--threads', '8'] });
after(() => app.stop());
const client = app.client();
await client.join();
const mint = () => client.post('behest.mint');
beforeEach(() => behest.reset());

async function startAt(url, t) {
  const other = await startApp({ env: remoteMinting(url) });
  t.after(() => other.stop());
  const visitor = other.client();
  await visitor.join();
  return { other, mint: () => visitor.post('behest.mint') };
}

test('one connection carries many mints', async () => {
  await mint();
  behest.reset();
  for (let i = 0; i < 20; i++) assert.equal((await mint()).status, 200);
  assert.equal(behest.requests.length, 20);
  assert.ok(behest.connections <= 1, `${behest.connections} new connections`);
  assert.equal(new Set(behest.requests.map(({ port }) => port)).size, 1);
});

describe('a connection that breaks before an answer', () => {
  test('closed once: asked again, and well', async () => {
    behest.next = [answers.close()];
    assert.equal((await mint()).status, 200);
    assert.equal(behest.requests.length, 2);
    assert.deepEqual(behest.requests[0].body, behest.requests[1].body);
  });
  test('reset once: asked again, and well', async () => {
    behest.next = [answers.reset()];
    assert.equal((await mint()).status, 200);
    assert.equal(behest.requests.length, 2);
  });
  for (const how of ['close', 'reset']) {
    test(`always (${how}): asked twice, no more`, async () => {
      behest.always = answers[how]();
      const response = await mint();
      assert.equal(response.status, 502);
      assert.equal(behest.requests.length, 2);
    });
  }
  test('a kept connection that died meanwhile is noticed by nobody', async () => {
    assert.equal((await mint()).status, 200);
    behest.server.closeAllConnections();
    await sleep(50);
    assert.equal((await mint()).status, 200);
  });
  test('an answer that follows is not asked again', async () => {
    behest.next = [answers.close(), answers.error(500)];
    assert.equal((await mint()).status, 502);
    assert.equal(behest.requests.length, 2);
  });
});

test('nobody listens: 502', async (t) => {
  const port = await freePort();
  const there = await startAt(`http://127.0.0.1:${port}`, t);
  const response = await there.mint();
  assert.equal(response.status, 502);
  assert.ok(!response.text.includes(String(port)));
});

test('something else listens: 502', async (t) => {
  const other = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end('SSH-2.0-OpenSSH_9.2\r\n');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  t.after(() => other.close());
  const there = await startAt(`http://127.0.0.1:${other.address().port}`, t);
  assert.equal((await there.mint()).status, 502);
});

describe('TLS', () => {
  test('a certificate that nobody vouches for: 502, and the key never leaves', async (t) => {
    const tls = await ScriptedBehest.start({ tls: selfSigned('localhost'), hostname: 'localhost' });
    t.after(() => tls.close());
    const there = await startAt(tls.url, t);
    const response = await there.mint();
    assert.equal(response.status, 502);
    assert.equal(tls.requests.length, 0);
    assert.ok(tls.connections >= 1, 'it did connect');
    await eventually(() => tls.refusedHandshakes >= 1, 'it was not the client that refused');
  });
  test('plain HTTP where HTTPS is expected: 502', async (t) => {
    const there = await startAt(behest.url.replace('http:', 'https:'), t);
    assert.equal((await there.mint()).status, 502);
    assert.equal(behest.requests.length, 0);
  });
});

test('a slow answer is waited for, one that does not come is a 504', async () => {
  behest.next = [answers.slow(2000), answers.hang(), answers.stall(), answers.slow(30_000)];
  const responses = await Promise.all([1, 2, 3, 4].map(mint));
  assert.deepEqual(responses.map(({ status }) => status).sort(), [200, 504, 504, 504]);
  for (const response of responses.filter(({ status }) => status === 504)) {
    assert.match(response.get('content-type'), /^text\/plain/);
    assert.match(response.text, /time/);
  }
  assert.equal(behest.requests.length, 4, 'a time-out is not tried again');
  assert.equal((await mint()).json.data.token, TOKEN);
});
