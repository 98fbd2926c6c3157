// Stopping: what is under way is finished, and the exit code is 0.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { remoteMinting, startApp } from '../lib/app.mjs';
import { Connection } from '../lib/fastcgi.mjs';
import { eventually, healthy } from '../lib/program.mjs';
import { ScriptedBehest, TOKEN, answers } from '../lib/scripted-behest.mjs';

const behest = await ScriptedBehest.start();
after(() => behest.close());

for (const signal of ['SIGTERM', 'SIGINT']) {
  describe(signal, () => {
    test('an idle process ends', async () => {
      const app = await startApp();
      await app.stop(signal);
    });

    test('a mint under way is finished', async () => {
      behest.reset();
      const app = await startApp({ env: remoteMinting(behest.url) });
      const client = app.client();
      await client.join();
      let answer;
      behest.always = (seen, response) => { answer = () => answers.token()(seen, response); };
      const mint = client.post('behest.mint');
      await eventually(() => answer, 'Behest was not asked');
      const stopped = app.stop(signal);
      await app.seen(/stopping/);
      assert.equal(app.ended, undefined, 'it waits for the mint');
      answer();
      const response = await mint;
      assert.equal(response.status, 200);
      assert.equal(response.json.data.token, TOKEN);
      await stopped;
    });
  });
}

test('twice is not worse than once', async () => {
  const app = await startApp();
  app.signal('SIGTERM');
  app.signal('SIGTERM');
  await app.stop();
});

test('open connections that say nothing do not hold it up', async () => {
  const app = await startApp();
  const connections = await Promise.all([1, 2, 3].map(() => Connection.open(app.address)));
  await app.stop();
  await Promise.all(connections.map((connection) => connection.closed()));
});

test('a request on a connection that was just accepted is still served', async () => {
  const app = await startApp();
  const client = app.client();
  const connections = await Promise.all([1, 2, 3].map(() => Connection.open(app.address)));
  // They are accepted in turn: when a later one is served, these were.
  await client.get('/healthz');
  const stopped = app.stop();
  await app.seen(/stopping/);
  const answers = await Promise.all(connections.map((connection) => client.get('/healthz', { connection })));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
  await stopped;
});

test('stray signals break no request', async () => {
  const app = await startApp();
  const client = app.client();
  await client.join();
  for (const signal of ['SIGHUP', 'SIGPIPE', 'SIGCHLD', 'SIGCONT', 'SIGWINCH']) {
    app.signal(signal);
    await client.call('_system.user.getOwnProfile');
  }
  await app.stop();
});

test('requests that wait in the queue are served before the socket is closed', async () => {
  behest.reset();
  const app = await startApp({ env: remoteMinting(behest.url), args: ['--threads', '1'] });
  const client = app.client();
  await client.join();
  let answer;
  behest.always = (seen, response) => { answer = () => answers.token()(seen, response); };
  const mint = client.post('behest.mint');
  await eventually(() => answer, 'Behest was not asked');
  const waiting = [1, 2, 3].map(() => client.get('/healthz'));
  const stopped = app.stop();
  await app.seen(/stopping/);
  answer();
  assert.deepEqual((await Promise.all([mint, ...waiting])).map(({ status }) => status), [200, 200, 200, 200]);
  await stopped;
});

test('the socket of a process that was killed does not keep the next one from starting', async () => {
  const first = await startApp();
  await first.kill();
  assert.ok(existsSync(first.address.path));
  const second = await startApp({ folder: first.folder, ready: false, args: ['--threads', '2', '--listen',
    `unix:${first.address.path}`] });
  second.address = first.address;
  await eventually(() => healthy(second.address), 'it did not take the socket over');
  await second.stop();
});
