// SIGHUP: settings, key and database are read again, and nobody notices who has a request under way.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { appEnvironment, makeSite, remoteMinting, signingKey, sql, startApp } from '../lib/app.mjs';
import { Connection } from '../lib/fastcgi.mjs';
import { base64, makeRsaKey, takeApart } from '../lib/keys.mjs';
import { parseLogLine } from '../lib/logfmt.mjs';
import { Program, eventually, healthy, programPath, temporaryFolder, whenReady, within } from '../lib/program.mjs';
import { inFile, reload, underLoad, writeSettings } from '../lib/reload.mjs';
import { ScriptedBehest, TOKEN, answers } from '../lib/scripted-behest.mjs';

/** behest-fcgi with all its settings in a file; change() writes others and reloads, and answers what the log says. */
async function start(t, more = {}, options = {}) {
  const folder = temporaryFolder();
  const settings = appEnvironment(folder, more);
  const { file, ...rest } = inFile(folder, settings);
  const app = await startApp({ ...rest, ...options, env: { ...rest.env, ...options.env } });
  t.after(() => app.stop());
  return Object.assign(app, {
    file,
    change(others) {
      writeSettings(file, { ...settings, ...others });
      return reload(app);
    },
  });
}

const upgradeUrl = async (client) => (await client.call('_system.session.init')).configs['chat.upgradeUrl'].value;

function isSignedBy(token, key) {
  const [header, payload, signature] = token.split('.');
  return crypto.verify('sha256', Buffer.from(`${header}.${payload}`), key.publicKey, Buffer.from(signature, 'base64url'));
}

describe('what counts from then on', () => {
  test('settings, for people who are signed in and stay so', async (t) => {
    const app = await start(t);
    const client = app.client();
    await client.join();
    assert.equal(await upgradeUrl(client), '');
    assert.match(await app.change({ CHAT_SIGNUP: 'closed', CHAT_UPGRADE_URL: 'https://shop.example/' }), /msg=reloaded/);
    assert.equal(await upgradeUrl(client), 'https://shop.example/');
    await client.call('_system.user.getOwnProfile');
    await assert.rejects(app.client().signUp());
  });

  test('the signing key and its name', async (t) => {
    const app = await start(t);
    const client = app.client();
    await client.join();
    const other = makeRsaKey();
    const before = (await client.call('behest.mint')).token;
    await app.change({ BEHEST_KEY: `behest_pk_${base64(other.pkcs8)}`, BEHEST_KID: 'key-2' });
    const later = (await client.call('behest.mint')).token;
    assert.equal(takeApart(before).header.kid, 'key-1');
    assert.equal(takeApart(later).header.kid, 'key-2');
    assert.ok(isSignedBy(before, signingKey) && isSignedBy(later, other));
  });

  test('what BEHEST_KEY_FILE holds, and where to mint', async (t) => {
    const [first, second] = await Promise.all([ScriptedBehest.start(), ScriptedBehest.start()]);
    t.after(() => Promise.all([first.close(), second.close()]));
    const keyFile = path.join(temporaryFolder(), 'key');
    writeFileSync(keyFile, 'behest_sk_live_first');
    const settings = { ...remoteMinting(first.url), BEHEST_KEY: undefined, BEHEST_KEY_FILE: keyFile };
    const app = await start(t, settings);
    const client = app.client();
    await client.join();
    await client.call('behest.mint');
    writeFileSync(keyFile, 'behest_sk_live_second\n');
    await app.change({ BEHEST_BASE_URL: second.url });
    await client.call('behest.mint');
    assert.deepEqual(first.requests.map(({ headers }) => headers.authorization), ['Bearer behest_sk_live_first']);
    assert.deepEqual(second.requests.map(({ headers }) => headers.authorization), ['Bearer behest_sk_live_second']);
  });

  test('another way of minting', async (t) => {
    const behest = await ScriptedBehest.start();
    t.after(() => behest.close());
    const app = await start(t);
    const client = app.client();
    await client.join();
    await client.call('behest.mint');
    await app.change(remoteMinting(behest.url));
    assert.equal((await client.call('behest.mint')).token, TOKEN);
  });

  test('another database', async (t) => {
    const app = await start(t);
    const client = app.client();
    await client.join();
    const database = path.join(app.folder, 'other.db');
    await app.change({ CHAT_DATABASE: database });
    await assert.rejects(client.call('_system.user.getOwnProfile'), 'nobody is known there yet');
    const id = await app.client().signUp();
    assert.deepEqual(sql(database, 'SELECT id FROM users'), [{ id }]);
  });

  test('the log level', async (t) => {
    const app = await start(t);
    const requests = () => (app.stderr.match(/msg=request/g) ?? []).length;
    await app.client().get('/healthz');
    await eventually(() => requests() > 0, 'no request in the log');
    writeSettings(app.file, { ...appEnvironment(app.folder), CHAT_LOG_LEVEL: 'error' });
    app.signal('SIGHUP');
    await eventually(async () => {
      const before = requests();
      for (let i = 0; i < 10; i++) await app.client().get('/healthz');
      return requests() === before;
    }, 'requests are still in the log');
  });

  test('the site at another address', async (t) => {
    const app = await start(t, { CHAT_SITE_URL: 'https://chat.example.org' });
    const origin = (host) => app.client({ https: true, host, headers: { origin: `https://${host}` } })
      .post('_system.session.init');
    assert.equal((await origin('chat.example.org')).status, 200);
    await app.change({ CHAT_SITE_URL: 'https://chat.example.net' });
    assert.equal((await origin('chat.example.org')).status, 403);
    assert.equal((await origin('chat.example.net')).status, 200);
  });
});

describe('what came from the environment', () => {
  test('stays, and goes before the file', async (t) => {
    const app = await start(t, {}, { env: { CHAT_UPGRADE_URL: 'https://environment.example/' } });
    await app.change({ CHAT_UPGRADE_URL: 'https://file.example/' });
    assert.equal(await upgradeUrl(app.client()), 'https://environment.example/');
  });

  test('a secret, too, though the environment does not hold it any more', async (t) => {
    const folder = temporaryFolder();
    const app = await startApp({ folder });
    t.after(() => app.stop());
    const client = app.client();
    await client.join();
    for (let round = 0; round < 3; round++) {
      assert.match(await reload(app), /msg=reloaded/);
      assert.ok(isSignedBy((await client.call('behest.mint')).token, signingKey));
    }
  });
});

describe('settings that cannot be used change nothing', () => {
  const said = (log) => log.trim().split('\n').map(parseLogLine).filter((line) => line?.msg !== 'request');

  test('all that is wrong is said, without secrets, and once it is mended it counts', async (t) => {
    const app = await start(t);
    const client = app.client();
    await client.join();
    const log = await app.change({ BEHEST_KEY: 'behest_xx_unlikely_secret', CHAT_SIGNUP: 'maybe', CHAT_WWW: '/no/such/folder',
      CHAT_UPGRADE_URL: 'https://shop.example/' });
    const lines = said(log);
    assert.ok(lines.every((line) => line?.level === 'error'), log);
    assert.deepEqual(lines.slice(0, -1).map(({ detail }) => detail.split(':')[0]).sort(), ['BEHEST_KEY', 'CHAT_SIGNUP', 'CHAT_WWW']);
    assert.match(lines[lines.length - 1].msg, /^not reloaded/);
    assert.ok(!app.stderr.includes('unlikely'));
    assert.equal(await upgradeUrl(client), '');
    assert.ok(isSignedBy((await client.call('behest.mint')).token, signingKey));
    assert.match(await app.change({ CHAT_UPGRADE_URL: 'https://shop.example/' }), /msg=reloaded/);
    assert.equal(await upgradeUrl(client), 'https://shop.example/');
  });

  for (const [name, spoil] of Object.entries({
    'a database that is a folder': (app) => {
      mkdirSync(path.join(app.folder, 'folder.db'));
      return app.change({ CHAT_DATABASE: path.join(app.folder, 'folder.db'), CHAT_SIGNUP: 'closed' });
    },
    "a database of another program's": (app) => {
      const database = path.join(app.folder, 'notes.db');
      sql(database, 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)');
      return app.change({ CHAT_DATABASE: database, CHAT_SIGNUP: 'closed' });
    },
    'a file that is gone': (app) => {
      rmSync(app.file);
      return reload(app);
    },
    'a folder in place of the file': (app) => {
      rmSync(app.file);
      mkdirSync(app.file);
      return reload(app);
    },
    'a pipe in place of the file, which nobody writes to': (app) => {
      rmSync(app.file);
      execFileSync('mkfifo', [app.file]);
      return reload(app);
    },
    'a file that is not one of settings': (app) => {
      writeFileSync(app.file, 'unlikely secret\n');
      return reload(app);
    },
  })) {
    test(name, async (t) => {
      const app = await start(t);
      const client = app.client();
      await client.join();
      const log = await spoil(app);
      assert.match(log, /msg="not reloaded/);
      assert.doesNotMatch(log, /msg=reloaded|unlikely/);
      await client.call('behest.mint');
      await app.client().signUp();
      assert.equal((await app.client().get('/healthz')).status, 200);
    });
  }

  test('an odd one is warned about, and counts', async (t) => {
    const app = await start(t);
    const log = await app.change({ BEHEST_KEY: undefined, BEHEST_API_KEY: `behest_pk_${base64(makeRsaKey().pkcs8)}` });
    assert.match(log, /level=warn .*BEHEST_API_KEY/);
    assert.match(log, /msg=reloaded/);
  });
});

test('no request fails while it happens again and again', async (t) => {
  const app = await start(t);
  const clients = Array.from({ length: 4 }, () => app.client());
  for (const client of clients) await client.join();
  const kept = await Promise.all([Connection.open(app.address), Connection.open(app.address)]);
  const load = underLoad(async (lane) => {
    const { token } = await clients[lane].call('behest.mint', {}, { connection: kept[lane] });
    assert.match(takeApart(token).header.kid, /^key-[12]$/);
    assert.equal((await clients[lane].get('/assets/app-3F2A9C1D.js')).status, 200);
  });
  const other = makeRsaKey();
  for (let round = 0; round < 12; round++) {
    const before = load.calls;
    await app.change(round % 2 ? {} : { BEHEST_KEY: `behest_pk_${base64(other.pkcs8)}`, BEHEST_KID: 'key-2', CHAT_SIGNUP: 'closed' });
    await eventually(() => load.calls > before, 'the load stands still');
  }
  await load.stop();
  kept.forEach((connection) => connection.close());
  assert.doesNotMatch(app.stderr, /level=(error|warn)|abandoned/);
});

describe('a request that is under way', () => {
  let behest;
  after(() => behest?.close());

  test('ends as it began', async (t) => {
    behest = await ScriptedBehest.start();
    const app = await start(t, remoteMinting(behest.url));
    const client = app.client();
    await client.join();
    let answer;
    behest.always = (seen, response) => { answer = () => answers.token()(seen, response); };
    const mint = client.post('behest.mint');
    await eventually(() => answer, 'Behest was not asked');
    for (let round = 0; round < 3; round++) await app.change({ BEHEST_BASE_URL: 'http://127.0.0.1:1' });
    assert.equal((await client.post('behest.mint')).status, 502, 'new requests use the new settings');
    answer();
    const response = await mint;
    assert.equal(response.status, 200, response.text);
    assert.equal(response.json.data.token, TOKEN);
    assert.equal(response.json.data.baseUrl, behest.url);
  });

  test('ends also when the program was told to reload and stop', async () => {
    behest.reset();
    const folder = temporaryFolder();
    const app = await startApp(inFile(folder, { ...appEnvironment(folder), ...remoteMinting(behest.url) }));
    const client = app.client();
    await client.join();
    let answer;
    behest.always = (seen, response) => { answer = () => answers.token()(seen, response); };
    const mint = client.post('behest.mint');
    await eventually(() => answer, 'Behest was not asked');
    await reload(app);
    app.signal('SIGTERM');
    await app.seen(/msg=stopping/);
    for (let i = 0; i < 3; i++) app.signal('SIGHUP');
    answer();
    assert.equal((await mint).status, 200);
    await app.stop();
    assert.equal(app.stderr.match(/msg=reloaded/g).length, 1);
  });
});

test('a socket that was handed over as descriptor 0 stays open', async (t) => {
  const folder = temporaryFolder();
  const settings = appEnvironment(folder);
  const { file } = inFile(folder, settings);
  makeSite(folder);
  const socket = path.join(folder, 'socket');
  const hand = 'my $s; socket($s, AF_UNIX, SOCK_STREAM, 0) && bind($s, pack_sockaddr_un(shift)) && listen($s, 9) && POSIX::dup2(fileno($s), 0) or die; exec @ARGV';
  const app = new Program('perl', ['-MSocket', '-MPOSIX=', '-e', hand, socket, programPath('behest-fcgi'), '--threads', '2', '--env-file', file], { cwd: folder });
  t.after(() => app.stop());
  app.address = { path: socket };
  await whenReady(app);
  for (const signup of ['maybe', 'closed', 'maybe', 'open']) {
    writeSettings(file, { ...settings, CHAT_SIGNUP: signup });
    assert.match(await reload(app), signup === 'maybe' ? /msg="not reloaded/ : /msg=reloaded/);
    assert.ok(await healthy(app.address));
  }
});

describe('many times', () => {
  test('ten signals in a row', async (t) => {
    const app = await start(t);
    for (let i = 0; i < 10; i++) app.signal('SIGHUP');
    await app.seen(/msg=reloaded/);
    assert.equal((await app.client().get('/')).status, 200);
  });

  test('is not what a stop waits for', async (t) => {
    const app = await start(t);
    app.signal('SIGSTOP');
    await eventually(() => /State:\s+T/.test(readFileSync(`/proc/${app.pid}/status`, 'latin1')), 'it was not halted');
    app.signal('SIGHUP');
    app.signal('SIGTERM');
    app.signal('SIGCONT');
    await within(app.exited, 'it did not stop');
    assert.deepEqual(app.ended, { code: 0, signal: null });
    assert.doesNotMatch(app.stderr, /reloaded/);
  });

  test('leaves no descriptor open, whether or not the settings were good', async (t) => {
    const app = await start(t, {}, { wrapper: ['sh', '-c', 'ulimit -n 40; exec "$0" "$@"'] });
    const client = app.client();
    await client.join();
    for (let round = 0; round < 30; round++) {
      assert.match(await app.change({ BEHEST_TTL: '1' }), /msg="not reloaded/);
      assert.match(await app.change({ CHAT_DATABASE: app.folder }), /msg="not reloaded/);
      assert.match(await app.change({ BEHEST_TTL: String(100 + round) }), /msg=reloaded/);
      await client.call('behest.mint');
    }
  });

  test('takes no more memory', async (t) => {
    // What AddressSanitizer keeps of freed memory would count.
    const app = await start(t, {}, { env: { ASAN_OPTIONS: 'quarantine_size_mb=1' } });
    const client = app.client();
    await client.join();
    const resident = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${app.pid}/status`, 'latin1'))[1]);
    const rounds = async (count) => {
      for (let round = 0; round < count; round++) {
        await reload(app);
        await client.call('behest.mint');
      }
    };
    await rounds(20);
    const before = resident();
    await rounds(30);
    assert.ok(resident() - before < 6000, `${before} kB became ${resident()} kB`);
  });
});

test('the database of a process that reloads is not taken for one that nobody uses', async (t) => {
  const app = await start(t);
  await app.client().join();
  const database = path.join(app.folder, 'chat.db');
  const log = statSync(`${database}-wal`);
  await reload(app);
  // Whoever closes a database last clears its log away.
  sql(database, 'SELECT count(*) FROM users');
  assert.equal(statSync(`${database}-wal`).ino, log.ino);
  await app.client().join();
  assert.deepEqual(sql(database, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
});
