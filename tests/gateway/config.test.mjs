// The gateway's settings.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { API_KEY, gatewayEnvironment, jwks, startGateway } from '../lib/gateway.mjs';
import { makeRsaKey } from '../lib/keys.mjs';
import { run, temporaryFolder } from '../lib/program.mjs';

const folder = temporaryFolder();
const good = gatewayEnvironment(folder);

function file(content) {
  const name = path.join(temporaryFolder(), 'file');
  writeFileSync(name, content);
  return name;
}

function check(change = {}) {
  const env = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined));
  return run('behest-gateway', ['--check-config'], { env });
}

const names = (stderr) => [...stderr.matchAll(/^([A-Z]+(?:_[A-Z]+)+): /gm)].map(([, name]) => name).sort();

test('good settings', () => {
  const { code, stderr } = check();
  assert.equal(code, 0, stderr);
});

test('everything that is wrong is said at once, without the secrets', () => {
  const wrong = {
    GATEWAY_DATABASE: undefined, GATEWAY_API_KEY: 'unlikely-secret', GATEWAY_ALLOWED_ORIGINS: '*', GATEWAY_JWKS: '/no/such/file',
    GATEWAY_UPSTREAM_URL: 'ollama', GATEWAY_TIERS: '1', GATEWAY_LOG_LEVEL: 'loud',
  };
  const { code, stderr, stdout } = check(wrong);
  assert.equal(code, 78);
  assert.deepEqual(names(stderr), Object.keys(wrong).sort());
  assert.ok(!`${stderr}${stdout}`.includes('unlikely'));
});

describe('one wrong value', () => {
  const ec = JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', kid: 'x', x: 'AA', y: 'AA' }] });
  for (const [name, values] of Object.entries({
    GATEWAY_API_KEY: ['', 'behest_sk_live_short', API_KEY.slice(7), `${API_KEY} x`],
    GATEWAY_ALLOWED_ORIGINS: ['*', 'http://localhost:3000/', 'localhost:3000', 'https://*.example.org', 'HTTPS://example.org',
      'https://example.org/path', 'null', 'https://example.org:443', 'http://x;y', 'https://user@example.org', 'https://example.org:0', 'https://example.org:99999'],
    GATEWAY_TIERS: ['1', '1:10,100', '1:10,100,50000;1:1,1,1', '0:1,1,1', '1:-1,1,1', '1:a,b,c', 'free:1,1,1', '1:0,1,1'],
    GATEWAY_SITE_URL: ['/gateway', 'chat.example.org/gateway', 'ftp://x/gateway', 'https://x/gateway?y', 'https://x/gate way'],
    GATEWAY_UPSTREAM_URL: ['127.0.0.1:11434', 'ftp://x', 'http://user:pass@x/v1', 'http://x/v1?y'],
    GATEWAY_SIGNING_KEY: [file('nonsense'), file(makeRsaKey(1024).pkcs8), folder],
    GATEWAY_JWKS: [file('nonsense'), file('{}'), file('{"keys":[{}]}'), file(ec), file(jwks(['a', makeRsaKey(1024)])),
      file(jwks(['a', makeRsaKey()], ['a', makeRsaKey()])), folder],
    GATEWAY_PRICE: ['1', '1,', ',1', '1,2,3', '-1,2', '1,x', 'nan,1', '1e3,1', '0x1,1', '1,9999999', '1.2.3,1'],
    GATEWAY_CONTEXT_TOKENS: ['499', 'many', '2000001'],
    GATEWAY_THREAD_DAYS: ['-1', '36501', '1.5'],
    GATEWAY_SESSION_TTL: ['-1', '86401'],
    GATEWAY_LOG_LEVEL: ['verbose'],
  })) {
    for (const value of values) {
      test(`${name}=${value.replace(/^\/tmp.*/, '(a file)').slice(0, 50)} #${values.indexOf(value)}`, () => {
        const { code, stderr } = check({ [name]: value });
        assert.equal(code, 78, stderr);
        assert.deepEqual(names(stderr), [name]);
      });
    }
  }
});

test('no origins are odd, unless the gateway is on the site of others', () => {
  const alone = check({ GATEWAY_ALLOWED_ORIGINS: undefined });
  assert.equal(alone.code, 0);
  assert.deepEqual(names(alone.stderr), ['GATEWAY_ALLOWED_ORIGINS']);
  const shared = check({ GATEWAY_ALLOWED_ORIGINS: undefined, GATEWAY_SITE_URL: 'https://chat.example.org/gateway' });
  assert.equal(shared.code, 0);
  assert.equal(shared.stderr, '');
});

test('an IPv6 origin and many of them are taken', () => {
  const { code, stderr } = check({ GATEWAY_ALLOWED_ORIGINS: 'http://[::1]:3000,https://a.example,\n https://b.example:8443' });
  assert.equal(code, 0, stderr);
});

test('--check-config makes nothing', () => {
  const fresh = temporaryFolder();
  const env = gatewayEnvironment(fresh);
  assert.equal(run('behest-gateway', ['--check-config'], { env }).code, 0);
  assert.throws(() => statSync(env.GATEWAY_DATABASE));
  assert.throws(() => statSync(`${env.GATEWAY_DATABASE}.key.pem`));
});

test('the command line', () => {
  assert.match(run('behest-gateway', ['--version']).stdout, /^behest-gateway \S+/);
  const { code, stdout } = run('behest-gateway', ['--help']);
  assert.equal(code, 0);
  for (const name of Object.keys(good)) assert.ok(stdout.includes(name), name);
  assert.equal(run('behest-gateway', ['--nonsense'], { env: good }).code, 64);
});

test('database and key are for the owner only', async () => {
  const gateway = await startGateway({ wrapper: ['sh', '-c', 'umask 000; exec "$0" "$@"'] });
  for (const name of [gateway.database, `${gateway.database}.key.pem`])
    assert.equal((statSync(name).mode & 0o777).toString(8), '600', name);
  await gateway.stop();
});

test('a database of behest-fcgi is not taken for its own', async () => {
  const gateway = await startGateway();
  await gateway.stop();
  const other = run('behest-admin', ['--database', gateway.database, 'user', 'list']);
  assert.notEqual(other.code, 0);
  assert.match(other.stderr, /another program/);
});
