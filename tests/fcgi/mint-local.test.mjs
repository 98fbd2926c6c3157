// Local signing: the token itself, and no network.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as jose from 'jose';
import { signingKey, startApp } from '../lib/app.mjs';
import { base64, localSigning, makeRsaKey, takeApart } from '../lib/keys.mjs';

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const DEFAULTS = { issuer: 'https://api.behest.ai', audience: 'behest', algorithms: ['RS256'] };

const app = await startApp();
after(() => app.stop());

test('the answer to a mint', async () => {
  const client = app.client();
  await client.join();
  const before = Math.floor(Date.now() / 1000);
  const response = await client.post('behest.mint');
  assert.equal(response.status, 200);
  assert.equal(response.get('cache-control'), 'no-store');
  const { data, typeMap } = response.json;
  assert.equal(typeMap, null);
  assert.deepEqual(Object.keys(data).sort(), ['baseUrl', 'expiresAt', 'sessionId', 'token', 'ttl']);
  assert.equal(data.ttl, 900);
  assert.equal(data.baseUrl, 'https://api.behest.ai');
  assert.match(data.sessionId, UUID4);
  assert.ok(Number.isInteger(data.expiresAt));
  assert.ok(data.expiresAt >= before + 900 && data.expiresAt <= Date.now() / 1000 + 901);
});

test('the token: verified by another library, claims in exactly this order', async () => {
  const client = app.client();
  const id = await client.join();
  const { token, sessionId, expiresAt } = await client.call('behest.mint');
  const { payload, protectedHeader } = await jose.jwtVerify(token, signingKey.publicKey, DEFAULTS);
  const { rawHeader, rawPayload } = takeApart(token);
  assert.equal(rawHeader, '{"alg":"RS256","typ":"JWT","kid":"key-1"}');
  assert.equal(protectedHeader.kid, 'key-1');
  const { iat, jti } = payload;
  assert.match(jti, UUID4);
  assert.equal(rawPayload, JSON.stringify({
    tid: 'tenant-1', pid: 'project-1', uid: id, role: 'user', scp: [], iss: 'https://api.behest.ai', aud: 'behest',
    iat, nbf: iat, exp: iat + 900, jti, sid: sessionId, tier: 1,
  }));
  assert.ok(Math.abs(iat - Date.now() / 1000) < 60);
  assert.equal(expiresAt, iat + 900);
  assert.doesNotMatch(token, /[=+/]/, 'base64url without padding');
});

test('every mint is another token', async () => {
  const client = app.client();
  await client.join();
  const tokens = await Promise.all(Array.from({ length: 10 }, () => client.call('behest.mint')));
  const claims = tokens.map(({ token }) => takeApart(token).payload);
  assert.equal(new Set(claims.map(({ jti }) => jti)).size, 10);
  assert.equal(new Set(claims.map(({ sid }) => sid)).size, 10);
});

test('who is not signed in gets none', async () => {
  const response = await app.client().post('behest.mint');
  assert.equal(response.status, 401);
  assert.match(response.get('content-type'), /^text\/plain/);
  assert.ok(!response.text.includes('eyJ'));
});

test('settings go into the token', async (t) => {
  const odd = await startApp({ env: {
    BEHEST_TTL: '60', BEHEST_TIER: '2', BEHEST_ISSUER: 'https://issuer.example/"quoted"', BEHEST_AUDIENCE: 'aud\u00efence',
    BEHEST_KID: 'kid \\ "1"', BEHEST_TENANT_ID: 't\u00e4nant/1', BEHEST_PROJECT_ID: 'p<>&1', BEHEST_BASE_URL: 'https://self.example:444/',
  } });
  t.after(() => odd.stop());
  const client = odd.client();
  await client.join();
  const { token, ttl, baseUrl } = await client.call('behest.mint');
  assert.equal(ttl, 60);
  assert.equal(baseUrl, 'https://self.example:444');
  const { payload, protectedHeader } = await jose.jwtVerify(token, signingKey.publicKey, {
    issuer: 'https://issuer.example/"quoted"', audience: 'aud\u00efence', algorithms: ['RS256'] });
  assert.equal(protectedHeader.kid, 'kid \\ "1"');
  assert.deepEqual([payload.tid, payload.pid, payload.tier, payload.exp - payload.iat], ['t\u00e4nant/1', 'p<>&1', 2, 60]);
});

describe('every form of the key signs', () => {
  const { pkcs8, pkcs1, publicKey } = makeRsaKey(3072);
  const lines = (text) => base64(text).replace(/.{64}/g, '$&\n');
  for (const [name, value] of Object.entries({
    'behest_pk_ and a PKCS#8 PEM': `behest_pk_${pkcs8}`,
    'behest_pk_ and a PKCS#1 PEM': `behest_pk_${pkcs1}`,
    'behest_pk_ and base64 of PKCS#8': `behest_pk_${base64(pkcs8)}`,
    'behest_pk_ and base64 of PKCS#1': `behest_pk_${base64(pkcs1)}`,
    'base64 of PKCS#8': base64(pkcs8),
    'base64 of PKCS#1': base64(pkcs1),
    'base64 in lines': lines(pkcs8),
    'blanks around it': ` \n\t${base64(pkcs8)}\r\n `,
  })) {
    test(name, async () => {
      const other = await startApp({ env: { BEHEST_KEY: value } });
      const client = other.client();
      await client.join();
      const { token } = await client.call('behest.mint');
      await jose.jwtVerify(token, publicKey, DEFAULTS);
      await other.stop();
    });
  }
});

test('it works where there is no network at all', async (t) => {
  const isolated = spawnSync('unshare', ['-n', 'true']).status === 0;
  const other = await startApp({
    env: { BEHEST_BASE_URL: 'http://127.0.0.1:1', ...localSigning(signingKey) },
    wrapper: isolated ? ['unshare', '-n'] : [],
  });
  t.after(() => other.stop());
  t.diagnostic(isolated ? 'in a network namespace of its own' : 'network namespaces are not to be had here');
  const client = other.client();
  await client.join();
  const { token } = await client.call('behest.mint');
  await jose.jwtVerify(token, signingKey.publicKey, DEFAULTS);
});
