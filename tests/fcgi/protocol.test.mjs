// FastCGI itself: broken records, aborts, silence, garbage. Whatever comes, the process answers the next one.
import { after, afterEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { eventually, healthy, sleep } from '../lib/program.mjs';
import {
  Connection, PROTOCOL_STATUS, ROLE, TYPE, beginRequest, decodePairs, encodePairs, record, request, stream,
} from '../lib/fastcgi.mjs';
import { generator } from '../lib/random.mjs';

const app = await startApp();
after(() => app.stop());
afterEach(async () => assert.ok(await healthy(app.address), 'the process lives on'));

const INIT = '/api/_internal/method/_system.session.init';
const BODY = Buffer.from('{"args":{}}');
const params = (more = {}) => encodePairs({ ...app.client().params('POST', INIT,
  { headers: { 'content-type': 'application/json' }, length: BODY.length }), ...more });

async function raw(...records) {
  const connection = await Connection.open(app.address);
  connection.write(...records);
  return connection;
}

/** Waits until the application has either answered or closed. */
async function settled(connection) {
  let closed = false;
  connection.closed().then(() => { closed = true; }, () => {});
  await eventually(() => closed || connection.records.some(({ type }) => type === TYPE.END_REQUEST), 'neither answer nor end');
  connection.close();
}

describe('records as the specification allows them', () => {
  test('one byte of content each, with padding', async () => {
    const response = await request(app.address, { params: params(), body: BODY, paramsRecord: 1, stdinRecord: 1, padding: 255 });
    assert.equal(response.status, 200);
    assert.deepEqual(response.end, { appStatus: 0, protocolStatus: PROTOCOL_STATUS.REQUEST_COMPLETE });
  });
  test('eight bytes a segment', async () => {
    const connection = await Connection.open(app.address);
    connection.socket.setNoDelay(true);
    const exchange = connection.expect();
    const bytes = Buffer.concat([beginRequest(1), stream(TYPE.PARAMS, 1, params()), stream(TYPE.STDIN, 1, BODY)]);
    for (let at = 0; at < bytes.length; at += 8) {
      connection.write(bytes.subarray(at, at + 8));
      await new Promise(setImmediate);
    }
    assert.equal((await exchange.response()).status, 200);
    connection.close();
  });
  test('with pauses', async () => {
    const bytes = Buffer.concat([beginRequest(1), stream(TYPE.PARAMS, 1, params()), stream(TYPE.STDIN, 1, BODY)]);
    const connection = await Connection.open(app.address);
    const exchange = connection.expect();
    for (const [from, to] of [[0, 5], [5, 60], [60, bytes.length - 20], [bytes.length - 20, bytes.length]]) {
      connection.write(bytes.subarray(from, to));
      await sleep(400);
    }
    assert.equal((await exchange.response()).status, 200);
    connection.close();
  });
  test('any request id', async () => {
    for (const id of [1, 255, 256, 65535])
      assert.equal((await request(app.address, { id, params: params(), body: BODY })).status, 200);
  });
  test('records of another request id in between are skipped', async () => {
    const connection = await Connection.open(app.address);
    const exchange = connection.expect(1);
    connection.write(beginRequest(1), record(TYPE.STDIN, 9, Buffer.from('not ours')), stream(TYPE.PARAMS, 1, params()),
      stream(TYPE.STDIN, 1, BODY));
    assert.equal((await exchange.response()).status, 200);
    connection.close();
  });
  test('GET_VALUES says that connections are not multiplexed', async () => {
    const connection = await raw(record(TYPE.GET_VALUES, 0, encodePairs({ FCGI_MPXS_CONNS: '' })));
    connection.start({ params: params(), body: BODY });
    await settled(connection);
    const result = connection.records.find(({ type }) => type === TYPE.GET_VALUES_RESULT);
    assert.deepEqual(decodePairs(result.content), { FCGI_MPXS_CONNS: '0' });
  });
  test('an unknown management record is answered as unknown', async () => {
    const connection = await raw(record(42, 0));
    connection.start({ params: params(), body: BODY });
    await settled(connection);
    assert.equal(connection.records.find(({ type }) => type === TYPE.UNKNOWN_TYPE)?.content[0], 42);
  });
});

describe('broken records', () => {
  const broken = {
    'another version': () => [record(TYPE.BEGIN_REQUEST, 1, Buffer.alloc(8), { version: 2 })],
    'a begin record of one byte': () => [record(TYPE.BEGIN_REQUEST, 1, Buffer.alloc(1))],
    'an unknown role': () => [beginRequest(1, { role: 77 }), stream(TYPE.PARAMS, 1, params()), stream(TYPE.STDIN, 1, BODY)],
    'params before begin': () => [stream(TYPE.PARAMS, 1, params())],
    'stdin instead of params': () => [beginRequest(1), stream(TYPE.STDIN, 1, BODY)],
    'a length beyond the params': () => [beginRequest(1), stream(TYPE.PARAMS, 1,
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 65]))],
    'lengths whose sum is over 31 bits': () => [beginRequest(1), stream(TYPE.PARAMS, 1,
      Buffer.from([0xc0, 0, 0, 0, 0xc0, 0, 0, 0, 65]))],
    'a value cut short': () => [beginRequest(1), stream(TYPE.PARAMS, 1, Buffer.from([4, 100, 78, 65, 77, 69, 118]))],
    'half a length': () => [beginRequest(1), stream(TYPE.PARAMS, 1, Buffer.from([0x80, 0]))],
    'no params at all': () => [beginRequest(1), record(TYPE.PARAMS, 1), record(TYPE.STDIN, 1)],
    'two begins of one id': () => [beginRequest(1), beginRequest(1), stream(TYPE.PARAMS, 1, params()), stream(TYPE.STDIN, 1, BODY)],
    'data instead of stdin': () => [beginRequest(1), stream(TYPE.PARAMS, 1, params()), stream(TYPE.DATA, 1, BODY)],
    'an unknown type in the middle of the body': () => [beginRequest(1), stream(TYPE.PARAMS, 1, params()), record(200, 1, BODY),
      record(TYPE.STDIN, 1)],
  };
  for (const [name, records] of Object.entries(broken)) {
    test(name, async () => {
      const connection = await raw(...records());
      connection.socket.end();
      await settled(connection);
    });
  }
  test('more params than are taken, with lengths whose sum is over 31 bits behind them', async () => {
    const pairs = Buffer.concat([params({ HTTP_X: 'y'.repeat(1 << 20) }), Buffer.from([0xc0, 0, 0, 0, 0xc0, 0, 0, 0, 65])]);
    const connection = await Connection.open(app.address);
    connection.write(beginRequest(1), stream(TYPE.PARAMS, 1, pairs), stream(TYPE.STDIN, 1, BODY));
    connection.socket.end();
    await settled(connection);
    assert.ok(await healthy(app.address));
  });
  test('a second request on a busy connection is refused, the first is answered', async () => {
    const connection = await Connection.open(app.address);
    const [first, second] = [connection.expect(1), connection.expect(2)];
    connection.write(beginRequest(1), stream(TYPE.PARAMS, 1, params()), beginRequest(2), stream(TYPE.STDIN, 1, BODY));
    assert.equal((await first.response()).status, 200);
    assert.equal((await second.ended()).protocolStatus, PROTOCOL_STATUS.CANT_MPX_CONN);
    connection.close();
  });
  test('the roles of authorizer and filter do not bring it down', async () => {
    for (const role of [ROLE.AUTHORIZER, ROLE.FILTER]) {
      const connection = await Connection.open(app.address);
      connection.start({ role, params: params(), body: BODY }).response().catch(() => {});
      connection.socket.end();
      await settled(connection);
    }
  });
});

describe('the web server goes away', () => {
  const half = () => params().subarray(0, 40);
  const signUp = Buffer.from(JSON.stringify({ args: { email: 'aborted@example.org', password: 'correct horse' } }));
  const signUpParams = () => encodePairs(app.client().params('POST', '/api/_internal/method/_system.user.signupWithPassword',
    { headers: { 'content-type': 'application/json' }, length: signUp.length }));
  const cases = {
    'in the begin record': () => [beginRequest(1).subarray(0, 11)],
    'after the begin record': () => [beginRequest(1)],
    'in params': () => [beginRequest(1), stream(TYPE.PARAMS, 1, half(), { open: true })],
    'before the body': () => [beginRequest(1), stream(TYPE.PARAMS, 1, signUpParams())],
    'in the body': () => [beginRequest(1), stream(TYPE.PARAMS, 1, signUpParams()),
      stream(TYPE.STDIN, 1, signUp.subarray(0, 30), { open: true })],
    'after the body, before its end': () => [beginRequest(1), stream(TYPE.PARAMS, 1, signUpParams()),
      record(TYPE.STDIN, 1, signUp.subarray(0, -1))],
  };
  const ends = {
    closes: (connection) => connection.socket.end(),
    aborts: (connection) => { connection.write(record(TYPE.ABORT_REQUEST, 1)); connection.socket.end(); },
  };
  for (const [where, records] of Object.entries(cases)) {
    for (const [how, end] of Object.entries(ends)) {
      test(`${how} ${where}`, async () => {
        const connection = await raw(...records());
        end(connection);
        await settled(connection);
        assert.deepEqual(app.sql("SELECT * FROM user_emails WHERE address = 'aborted@example.org'"), []);
      });
    }
  }
  test('before it reads the answer', async () => {
    for (let i = 0; i < 20; i++) {
      const connection = await raw(beginRequest(1), stream(TYPE.PARAMS, 1, params()), stream(TYPE.STDIN, 1, BODY));
      connection.close();
    }
  });
});

test('connections that say nothing leave room for others', async () => {
  const silent = await Promise.all(Array.from({ length: 3 }, () => Connection.open(app.address)));
  for (let i = 0; i < 10; i++) assert.ok(await healthy(app.address));
  for (const connection of silent) connection.close();
});

test('64 connections of garbage', async () => {
  const random = generator(20_261_123);
  for (let i = 0; i < 64; i++) {
    const connection = await Connection.open(app.address);
    connection.write(i % 2 ? random.bytes(random.below(3000)) : random.records(app.client().params('POST', INIT)));
    connection.socket.end();
    await connection.closed();
    assert.ok(await healthy(app.address), `after garbage ${i}`);
  }
});
