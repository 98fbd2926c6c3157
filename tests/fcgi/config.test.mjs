// Settings: what is wrong is said at once, by name, and without any secret.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { appEnvironment, makeSite, signingKey, startApp } from '../lib/app.mjs';
import { gatewayEnvironment } from '../lib/gateway.mjs';
import { base64, generateKeys, makeRsaKey } from '../lib/keys.mjs';
import { freePort } from '../lib/ports.mjs';
import { run, temporaryFolder, whenReady } from '../lib/program.mjs';

const folder = temporaryFolder();
makeSite(folder);
const good = appEnvironment(folder);
const EX_USAGE = 64;
const EX_CONFIG = 78;

function check(change = {}, args = []) {
  const env = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined));
  return run('behest-fcgi', ['--check-config', ...args], { env });
}

function names(stderr) {
  return [...stderr.matchAll(/^([A-Z]+(?:_[A-Z]+)+): /gm)].map(([, name]) => name).sort();
}

test('good settings', () => {
  const { code, stderr } = check();
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
});

test('everything that is wrong is said at once', () => {
  const wrong = {
    BEHEST_KEY: 'behest_xx_unlikely_secret_value', BEHEST_BASE_URL: 'ftp://x', BEHEST_TTL: '59', BEHEST_TIER: 'gold',
    CHAT_DATABASE: undefined, CHAT_WWW: '/no/such/folder', CHAT_SITE_URL: 'chat', CHAT_SIGNUP: 'maybe', CHAT_UPGRADE_URL: 'javascript:x',
    CHAT_TRUSTED_PROXIES: '10.0.0.0/33', CHAT_LOG_LEVEL: 'loud',
  };
  const { code, stderr, stdout } = check(wrong);
  assert.equal(code, EX_CONFIG);
  assert.deepEqual(names(stderr), Object.keys(wrong).sort());
  assert.ok(!`${stdout}${stderr}`.includes('unlikely_secret'));
});

test('it says the same, and exits the same, without --check-config', () => {
  const env = { ...good, BEHEST_TTL: '59', CHAT_SIGNUP: 'maybe' };
  const { code, stderr } = run('behest-fcgi', ['--listen', `unix:${folder}/x.sock`], { env });
  assert.equal(code, EX_CONFIG);
  assert.deepEqual(names(stderr), ['BEHEST_TTL', 'CHAT_SIGNUP']);
});

test('local signing names all that is missing', () => {
  const { code, stderr } = check({ BEHEST_KID: undefined, BEHEST_TENANT_ID: '', BEHEST_PROJECT_ID: '  ' });
  assert.equal(code, EX_CONFIG);
  assert.deepEqual(names(stderr), ['BEHEST_KID', 'BEHEST_PROJECT_ID', 'BEHEST_TENANT_ID']);
});

test('an API key needs none of these', () => {
  const { code, stderr } = check({ BEHEST_KEY: 'behest_sk_live_x', BEHEST_KID: undefined, BEHEST_TENANT_ID: undefined,
    BEHEST_PROJECT_ID: undefined });
  assert.equal(code, 0, stderr);
});

test('four questions of 120 characters each are examples', () => {
  const { code, stderr } = check({ CHAT_EXAMPLES: Array(4).fill('é'.repeat(120)).join(' | ') });
  assert.equal(code, 0, stderr);
});

test('a link for upgrades may have query and fragment', () => {
  const { code, stderr } = check({ CHAT_UPGRADE_URL: 'https://example.org/shop%20front?plan=2&from=chat#buy' });
  assert.equal(code, 0, stderr);
});

describe('one wrong value', () => {
  for (const [name, values] of Object.entries({
    BEHEST_TTL: ['59', '86401', '0', '-60', '1e3', '900s', '9'.repeat(30), '0x100'],
    BEHEST_TIER: ['0', '-1', '1.5', 'one'],
    BEHEST_BASE_URL: ['api.behest.ai', '//api.behest.ai', 'https://', 'https:///x', 'ftp://x', 'https://user:pass@x', 'https://x?y',
      'https://x#y', 'https://x y', 'javascript:alert(1)', "https://x;script-src *"],
    CHAT_SITE_URL: ['chat', 'https://x?y', 'https://x y'],
    CHAT_UPGRADE_URL: ['javascript:alert(1)', 'x'],
    CHAT_EXAMPLES: ['a|b|c|d|e', 'a||b', 'a|', '|', 'é'.repeat(121), 'a\u0007b', `${'a'.repeat(121)}|b`],
    CHAT_SIGNUP: ['yes', 'OPENED', '1'],
    CHAT_LOG_LEVEL: ['all', '3'],
    CHAT_TRUSTED_PROXIES: ['x', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0', '10.0.0.1:80', '::1/129', '*'],
    CHAT_WWW: ['/no/such/folder', '/etc/passwd'],
  })) {
    for (const value of values) {
      test(`${name}=${value.slice(0, 40)}`, () => {
        const { code, stderr } = check({ [name]: value });
        assert.equal(code, EX_CONFIG, stderr);
        assert.deepEqual(names(stderr), [name]);
      });
    }
  }
});

describe('keys that are none', () => {
  const { pkcs8 } = signingKey;
  const ec = generateKeys('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const encrypted = signingKey.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  for (const [name, value] of Object.entries({
    'not set': undefined,
    empty: '',
    blank: ' \t ',
    'a word': 'secretword',
    'an API key without its key': 'behest_sk_live_',
    'an API key with a blank inside': 'behest_sk_live_abc def',
    'an API key with a line feed inside': 'behest_sk_live_abc\nX-Injected: 1',
    'a test key': 'behest_sk_test_0123456789',
    'a prefix alone': 'behest_pk_',
    'a prefix and a word': 'behest_pk_secretword',
    'base64 of a word': base64('secretword'),
    'a PEM cut short': `behest_pk_${pkcs8.slice(0, 500)}`,
    'base64 cut short': base64(pkcs8).slice(0, 800),
    'a public key': `behest_pk_${signingKey.publicPem}`,
    'an elliptic curve key': `behest_pk_${ec}`,
    'an encrypted key': `behest_pk_${encrypted}`,
    'a key of 1024 bits': `behest_pk_${base64(makeRsaKey(1024).pkcs8)}`,
    'both prefixes': 'behest_pk_behest_sk_live_x',
  })) {
    test(name, () => {
      const { code, stderr, stdout } = check({ BEHEST_KEY: value });
      assert.equal(code, EX_CONFIG, stderr);
      assert.deepEqual(names(stderr), ['BEHEST_KEY']);
      assert.match(stderr, /behest_sk_live_/, 'it says what is accepted');
      const said = `${stdout}${stderr}`;
      assert.ok(!/secretword|PRIVATE KEY|MII/.test(said), said);
      if (value?.trim().length > 30) assert.ok(!said.includes(value.slice(20, 40)), said);
    });
  }
});

describe('BEHEST_KEY_FILE', () => {
  const keyFile = (content) => {
    const file = path.join(temporaryFolder(), 'key');
    writeFileSync(file, content, { mode: 0o600 });
    return { BEHEST_KEY: undefined, BEHEST_KEY_FILE: file };
  };
  for (const [name, content] of Object.entries({
    'an API key': 'behest_sk_live_x\n',
    'a PEM': `behest_pk_${signingKey.pkcs8}`,
    'base64 of a PEM': `${base64(signingKey.pkcs1)}\n\n`,
    'blanks around it': `\n\t behest_sk_live_x \r\n`,
  })) {
    test(name, () => {
      const { code, stderr } = check(keyFile(content));
      assert.equal(code, 0, stderr);
    });
  }
  test('one that is not there, empty, a folder, or too large', () => {
    for (const change of [{ BEHEST_KEY: undefined, BEHEST_KEY_FILE: '/no/such/file' },
      { BEHEST_KEY: undefined, BEHEST_KEY_FILE: folder }, keyFile(''), keyFile('x'.repeat(1 << 20))]) {
      const { code, stderr } = check(change);
      assert.equal(code, EX_CONFIG, stderr);
      assert.match(stderr, /BEHEST_KEY_FILE|BEHEST_KEY/);
    }
  });
  test('BEHEST_KEY goes before it', () => {
    const { code, stderr } = check({ ...keyFile('nonsense'), BEHEST_KEY: 'behest_sk_live_x' });
    assert.equal(code, 0, stderr);
  });
});

describe('names that are not settings', () => {
  const file = path.join(temporaryFolder(), 'chat.env');
  const checkFile = (program, lines, env) => {
    writeFileSync(file, `${lines.join('\n')}\n`);
    return run(program, ['--check-config', '--env-file', file], { env });
  };
  const wrong = ['CHAT_SINGUP=closed', 'BEHEST_SECRET=unlikely', 'MODELENCE_SERVICE=x', 'PATH_OF_MINE=y'];

  test('are told, with what was meant, and keep nobody from starting', () => {
    const { code, stdout, stderr } = checkFile('behest-fcgi', wrong, good);
    assert.equal(code, 0);
    assert.match(stdout, /complete/);
    assert.deepEqual(names(stderr), ['BEHEST_SECRET', 'CHAT_SINGUP']);
    assert.match(stderr, /CHAT_SINGUP: is not a setting; did you mean CHAT_SIGNUP\?/);
    assert.doesNotMatch(stderr, /unlikely|closed/);
  });

  test('are warned of in the log', async () => {
    writeFileSync(file, wrong.join('\n'));
    const app = await startApp({ args: ['--env-file', file] });
    await app.seen(/level=warn .*CHAT_SINGUP: is not a setting/);
    await app.stop();
    assert.doesNotMatch(app.stderr, /unlikely/);
  });

  test('are not those of the other program', () => {
    const gatewayFolder = temporaryFolder();
    const both = { ...good, ...gatewayEnvironment(gatewayFolder) };
    const lines = Object.entries(both).map(([name, value]) => `${name}='${value}'`);
    for (const program of ['behest-fcgi', 'behest-gateway']) {
      const { code, stderr } = checkFile(program, lines, {});
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
    }
  });
});

describe('a database that could not be opened', () => {
  for (const [name, database] of Object.entries({
    'in a folder that is not there': path.join(folder, 'no', 'chat.db'),
    'below a file': path.join(folder, 'www', 'index.html', 'chat.db'),
    'that is a folder': folder,
  })) {
    test(name, () => {
      for (const [program, env] of [['behest-fcgi', { ...good, CHAT_DATABASE: database }],
        ['behest-gateway', { ...gatewayEnvironment(temporaryFolder()), GATEWAY_DATABASE: database }]]) {
        const { code, stderr } = run(program, ['--check-config'], { env });
        assert.equal(code, EX_CONFIG, stderr);
        assert.match(stderr, /_DATABASE: .*(cannot be written|is a folder)/);
      }
    });
  }
  test('in the folder where one is', () => {
    const { code, stderr } = run('behest-fcgi', ['--check-config'], { env: { ...good, CHAT_DATABASE: 'chat.db' } });
    assert.equal(code, 0, stderr);
  });
});

test('the deprecated name works, with a warning', () => {
  const { code, stderr } = check({ BEHEST_KEY: undefined, BEHEST_API_KEY: 'behest_sk_live_unlikely' });
  assert.equal(code, 0);
  assert.match(stderr, /BEHEST_API_KEY.*BEHEST_KEY/);
  assert.ok(!stderr.includes('unlikely'));
});

describe('the command line', () => {
  test('--version and --help', () => {
    for (const [flag, pattern] of [
      ['--version', /^behest-fcgi \S+/],
      ['--help', /--listen[^]*--threads[^]*--env-file[^]*--check-config/],
    ]) {
      const { code, stdout, stderr } = run('behest-fcgi', [flag]);
      assert.equal(code, 0);
      assert.match(stdout, pattern);
      assert.equal(stderr, '');
    }
  });
  const listen = (address) => ['--listen', address];
  for (const args of [
    ['--nonsense'], ['nonsense'], ['--threads'], ['--threads', '0'], ['--threads', 'x'], ['--threads', '-1'], ['--threads', '100000'],
    ['--listen'], listen('/tmp/x.sock'), listen('unix:'), listen(`unix:/${'x'.repeat(300)}`),
    listen('tcp:127.0.0.1'), listen('tcp:127.0.0.1:99999'), listen('tcp:127.0.0.1:x'),
  ]) {
    test(`${args.join(' ').slice(0, 40)}: a usage error`, () => {
      const { code, stderr } = run('behest-fcgi', args, { env: good });
      assert.equal(code, EX_USAGE, stderr);
      assert.match(stderr, /behest-fcgi/);
    });
  }
  test('without --listen and without a socket on descriptor 0 it says what to do', () => {
    const { code, stderr } = run('behest-fcgi', [], { env: good });
    assert.notEqual(code, 0);
    assert.match(stderr, /--listen/);
  });
});

test('TCP as well as unix', async (t) => {
  const port = await freePort();
  const app = await startApp({ ready: false, args: ['--listen', `tcp:127.0.0.1:${port}`] });
  t.after(() => app.stop());
  app.address = { host: '127.0.0.1', port };
  await whenReady(app);
  assert.equal((await app.client().get('/')).status, 200);
});

test('the key is not to be read in the environment of the running process', async (t) => {
  const secret = 'behest_sk_live_in_the_environment';
  const app = await startApp({ env: { BEHEST_KEY: secret, BEHEST_API_KEY: secret } });
  t.after(() => app.stop());
  let environment;
  try {
    environment = readFileSync(`/proc/${app.pid}/environ`, 'latin1');
  } catch (error) {
    assert.equal(error.code, 'EACCES', 'nobody but root may look at all');
    environment = '';
  }
  assert.ok(!environment.includes('in_the_environment'));
  assert.ok(!app.stderr.includes('in_the_environment'));
});
