// Connections that the web server keeps (FCGI_KEEP_CONN).
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { healthy } from '../lib/program.mjs';
import { Connection, TYPE, record } from '../lib/fastcgi.mjs';

const app = await startApp();
after(() => app.stop());

test('200 requests of all kinds over one', async () => {
  const connection = await Connection.open(app.address);
  const client = app.client();
  await client.join();
  for (let i = 0; i < 50; i++) {
    const kept = { connection };
    assert.equal((await client.post('_system.session.init', { args: { i } }, kept)).json.data.session.userId, client.id);
    assert.equal((await client.get('/assets/app-3F2A9C1D.js', kept)).status, 200);
    assert.equal((await client.post('behest.mint', { args: {} }, kept)).status, 200);
    assert.equal((await client.post('no.such', '{', kept)).status, 404);
  }
  assert.equal(connection.records.filter(({ type }) => type === TYPE.END_REQUEST).length, 200);
  connection.close();
});

test('one visitor is not the other on the same connection', async () => {
  const connection = await Connection.open(app.address);
  const [ada, bob, nobody] = [app.client(), app.client(), app.client()];
  await ada.join();
  await bob.join();
  for (let i = 0; i < 10; i++) {
    for (const client of [ada, nobody, bob]) {
      const { json } = await client.post('_system.session.init', { args: {} }, { connection });
      assert.equal(json.data.session.userId, client.id ?? null);
    }
  }
  connection.close();
});

test('a body that nobody read does not become the next request', async () => {
  const connection = await Connection.open(app.address);
  const client = app.client();
  for (const [verb, path, bytes, status] of [
    ['POST', '/api/_internal/method/_system.session.init', 200_000, 413],
    ['POST', '/api/_internal/method/no.such', 60_000, 404],
    ['PUT', '/api/_internal/method/_system.session.init', 60_000, 405],
    ['POST', '/', 100_000, 405],
    ['GET', '/', 100_000, 200],
    ['POST', '/nothing', 1_000_000, 404],
  ]) {
    const body = Buffer.alloc(bytes, 1);
    const response = await client.request(verb, path, { connection, body, headers: { 'content-type': 'application/json' } });
    assert.ok(response.status === status || (status === 404 && response.status === 405), `${verb} ${path}: ${response.status}`);
    assert.equal((await client.get('/healthz', { connection })).text.trim(), 'ok');
  }
  connection.close();
});

test('a short body on a kept connection leaves the process well', async () => {
  const connection = await Connection.open(app.address);
  const client = app.client();
  const response = await client.post('_system.session.init', '{"args":{}}', { connection, length: 50 });
  assert.equal(response.status, 400);
  assert.equal((await client.get('/healthz', { connection })).status, 200);
  connection.close();
});

test('without FCGI_KEEP_CONN the application closes', async () => {
  const connection = await Connection.open(app.address);
  await connection.request({ params: app.client().params('GET', '/healthz') });
  await connection.closed();
});

test('an idle one does not keep the process from stopping', async () => {
  const other = await startApp();
  const idle = await Connection.open(other.address);
  await other.client().get('/healthz', { connection: idle });
  await other.stop();
  await idle.closed();
});

test('one that dies in the middle of a request costs nobody else', async () => {
  for (let i = 0; i < 8; i++) {
    const connection = await Connection.open(app.address);
    await app.client().get('/healthz', { connection });
    connection.write(record(TYPE.BEGIN_REQUEST, 1, Buffer.from([0, 1, 1, 0, 0, 0, 0, 0])),
      record(TYPE.PARAMS, 1, Buffer.alloc(10)));
    connection.close();
  }
  assert.ok(await healthy(app.address));
});

test('interleaved connections keep their answers apart', async () => {
  const connections = await Promise.all([1, 2, 3].map(() => Connection.open(app.address)));
  const clients = await Promise.all(connections.map(async () => {
    const client = app.client();
    await client.join();
    return client;
  }));
  await Promise.all(connections.map(async (connection, i) => {
    for (let n = 0; n < 30; n++) {
      const { json } = await clients[i].post('_system.session.init', { args: {} }, { connection });
      assert.equal(json.data.user.id, clients[i].id);
    }
  }));
  for (const connection of connections) connection.close();
});
