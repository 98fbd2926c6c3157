// What systemd is told: Type=notify, reloads, the watchdog.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { appEnvironment, remoteMinting, startApp } from '../lib/app.mjs';
import { startManager } from '../lib/notify.mjs';
import { eventually, healthy, temporaryFolder } from '../lib/program.mjs';
import { inFile, reload, writeSettings } from '../lib/reload.mjs';
import { ScriptedBehest, answers } from '../lib/scripted-behest.mjs';

async function start(t, { watchdogMs, env = {}, ...options } = {}) {
  const manager = await startManager({ watchdogMs });
  t.after(() => manager.stop());
  const app = await startApp({ ...options, env: { ...manager.env, ...env } });
  return { app, manager };
}

const of = (manager, kind) => manager.messages.filter((message) => message.startsWith(kind));
const told = (manager, kind, count = 1) => eventually(() => of(manager, kind).length >= count && of(manager, kind),
  `systemd was not told ${kind}`);

test('that it serves, and that it stops', async (t) => {
  const { app, manager } = await start(t);
  assert.deepEqual(await told(manager, 'READY=1'), ['READY=1; STATUS=Serving']);
  assert.ok(await healthy(app.address));
  assert.equal(manager.messages.length, 1);
  await app.stop();
  assert.match((await told(manager, 'STOPPING=1'))[0], /^STOPPING=1; STATUS=\S/);
  assert.equal(manager.messages.length, 2);
});

test('that it stops, while requests are still under way', async (t) => {
  const behest = await ScriptedBehest.start();
  t.after(() => behest.close());
  const { app, manager } = await start(t, { env: remoteMinting(behest.url) });
  const client = app.client();
  await client.join();
  let answer;
  behest.always = (seen, response) => { answer = () => answers.token()(seen, response); };
  const mint = client.post('behest.mint');
  await eventually(() => answer, 'Behest was not asked');
  const stopped = app.stop();
  await told(manager, 'STOPPING=1');
  assert.equal(app.ended, undefined);
  answer();
  assert.equal((await mint).status, 200);
  await stopped;
});

test('that it reloads, and is ready again, whether or not the settings were good', async (t) => {
  const folder = temporaryFolder();
  const settings = appEnvironment(folder);
  const { file, ...options } = inFile(folder, settings);
  const manager = await startManager();
  t.after(() => manager.stop());
  const app = await startApp({ ...options, env: { ...options.env, ...manager.env } });
  await reload(app);
  await told(manager, 'READY=1', 2);
  writeSettings(file, { ...settings, CHAT_SIGNUP: 'maybe' });
  await reload(app);
  await told(manager, 'READY=1', 3);
  assert.deepEqual(manager.messages.map((message) => message.split('=')[0]), ['READY', 'RELOADING', 'READY', 'RELOADING', 'READY']);
  for (const message of of(manager, 'RELOADING=1')) assert.match(message, /^RELOADING=1; MONOTONIC_USEC=\d+; STATUS=/);
  assert.match(manager.messages[4], /STATUS=.*settings.*log/);
  await app.stop();
});

test('it starts although nobody listens there', async () => {
  const app = await startApp({ env: { NOTIFY_SOCKET: '/no/such/socket' } });
  await app.stop();
});

describe('the watchdog', () => {
  test('hears of it all the time', async (t) => {
    const { app, manager } = await start(t, { watchdogMs: 200 });
    await told(manager, 'WATCHDOG=1', 3);
    await app.stop();
  });

  test('hears nothing when there is none', async (t) => {
    const { app, manager } = await start(t);
    await app.client().join();
    await app.stop();
    await told(manager, 'STOPPING=1');
    assert.deepEqual(of(manager, 'WATCHDOG=1'), []);
  });

  test('hears nothing when it is for another process', async (t) => {
    const { app, manager } = await start(t, { watchdogMs: 20, env: { WATCHDOG_PID: '1' } });
    await app.client().join();
    await app.stop();
    await told(manager, 'STOPPING=1');
    assert.deepEqual(of(manager, 'WATCHDOG=1'), []);
  });

  test('hears no more once the database is gone', async (t) => {
    const { app, manager } = await start(t, { watchdogMs: 100 });
    await told(manager, 'WATCHDOG=1');
    const missed = () => (app.stderr.match(/no sign of life/g) ?? []).length;
    renameSync(app.database, `${app.database}.away`);
    await eventually(() => missed() > 0, 'it was not noticed');
    // What was sent before may still be on its way.
    await eventually(async () => {
      const [heard, missedBefore] = [of(manager, 'WATCHDOG=1').length, missed()];
      await eventually(() => missed() > missedBefore + 3, 'it was not noticed again');
      return of(manager, 'WATCHDOG=1').length === heard;
    }, 'it goes on');
    const before = of(manager, 'WATCHDOG=1').length;
    renameSync(`${app.database}.away`, app.database);
    await eventually(() => of(manager, 'WATCHDOG=1').length > before, 'it does not come back');
    await app.stop();
  });
});
