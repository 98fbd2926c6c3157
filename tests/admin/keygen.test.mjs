// behest-admin keygen: what it prints works on both sides.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as jose from 'jose';
import { FAILED } from '../lib/admin.mjs';
import { startApp } from '../lib/app.mjs';
import { startGateway } from '../lib/gateway.mjs';
import { run, temporaryFolder } from '../lib/program.mjs';

const keygen = (...args) => run('behest-admin', ['keygen', ...args]);
const CHECKS = { issuer: 'https://api.behest.ai', audience: 'behest', algorithms: ['RS256'] };
const SIGNING = { BEHEST_TENANT_ID: 't', BEHEST_PROJECT_ID: 'p' };

test('for programs: key, key id, and the public half in three forms', async () => {
  const { code, stdout } = keygen('--json');
  assert.equal(code, 0);
  const { BEHEST_KEY: key, BEHEST_KID: kid, jwk, jwks, pem } = JSON.parse(stdout);
  assert.match(key, /^behest_pk_[A-Za-z0-9+/=]+$/);
  assert.equal(jwk.kid, kid);
  assert.deepEqual(jwks, { keys: [jwk] });
  assert.equal(await jose.calculateJwkThumbprint(jwk), kid, 'the key id is the thumbprint');
  const privateKey = crypto.createPrivateKey(Buffer.from(key.slice('behest_pk_'.length), 'base64').toString());
  assert.ok(privateKey.asymmetricKeyDetails.modulusLength >= 2048);
  const publicJwk = crypto.createPublicKey(privateKey).export({ format: 'jwk' });
  assert.deepEqual([publicJwk.n, publicJwk.e], [jwk.n, jwk.e]);
  assert.equal(crypto.createPublicKey(pem).export({ format: 'jwk' }).n, jwk.n);
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) assert.equal(jwk[name], undefined);
});

test('BEHEST_KEY signs what GATEWAY_JWKS verifies', async () => {
  const { BEHEST_KEY, BEHEST_KID, jwks, pem } = JSON.parse(keygen('--json').stdout);
  const file = path.join(temporaryFolder(), 'jwks.json');
  writeFileSync(file, JSON.stringify(jwks));
  const gateway = await startGateway({ env: { GATEWAY_JWKS: file } });
  after(() => gateway.stop());
  const app = await startApp({ env: { BEHEST_KEY, BEHEST_KID, ...SIGNING } });
  after(() => app.stop());
  const client = app.client();
  await client.join();
  const { token } = await client.call('behest.mint');
  await jose.jwtVerify(token, jose.createLocalJWKSet(jwks), CHECKS);
  await jose.jwtVerify(token, await jose.importSPKI(pem, 'RS256'), CHECKS);
  assert.equal((await gateway.request('GET', '/v1/models', { token })).status, 200);
});

test('for people: what it prints is an env-file as it stands, up to the public part', async () => {
  const { code, stdout } = keygen();
  assert.equal(code, 0);
  const settings = stdout.split('\n').filter((line) => /^(#|BEHEST_)/.test(line) || !line).slice(0, 8).join('\n');
  assert.match(settings, /^BEHEST_KEY=behest_pk_/m);
  assert.match(stdout, /BEGIN PUBLIC KEY/);
  assert.doesNotMatch(stdout, /BEGIN (RSA )?PRIVATE/);
  const jwks = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')));
  assert.equal(jwks.keys.length, 1);
});

test('--out writes the secret to a file of its own, usable as env-file', async () => {
  const file = path.join(temporaryFolder(), 'key.env');
  const { code, stdout } = keygen('--out', file);
  assert.equal(code, 0);
  assert.equal((statSync(file).mode & 0o777).toString(8), '600');
  const [, secret] = /BEHEST_KEY=(\S+)/.exec(readFileSync(file, 'utf8'));
  assert.ok(!stdout.includes(secret.slice(20, 60)), 'and not to the terminal');
  const app = await startApp({ env: { BEHEST_KEY: undefined, BEHEST_KID: undefined, ...SIGNING }, args: ['--env-file', file] });
  after(() => app.stop());
  const client = app.client();
  await client.join();
  const { token } = await client.call('behest.mint');
  const jwks = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')));
  await jose.jwtVerify(token, jose.createLocalJWKSet(jwks), CHECKS);
});

test('--out never overwrites a key', () => {
  const file = path.join(temporaryFolder(), 'key.env');
  writeFileSync(file, 'precious');
  const { code, stderr, stdout } = keygen('--out', file);
  assert.equal(code, FAILED);
  assert.ok(stderr.includes(file));
  assert.equal(stdout, '');
  assert.equal(readFileSync(file, 'utf8'), 'precious');
});

test('two keys are two keys, and no database is needed', () => {
  const folder = temporaryFolder();
  const [one, two] = [1, 2].map(() => JSON.parse(run('behest-admin', ['keygen', '--json'], { cwd: folder }).stdout));
  assert.notEqual(one.BEHEST_KID, two.BEHEST_KID);
  assert.ok(!existsSync(path.join(folder, 'chat.db')));
});
