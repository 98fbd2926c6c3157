// Tokens that must not be taken. Each attack has a name.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { TRUSTED_KID, startGateway, trustedKey } from '../lib/gateway.mjs';
import { generateKeys, makeRsaKey } from '../lib/keys.mjs';
import { isLogged } from '../lib/program.mjs';
import { encode, forge, goodClaims, goodHeader, sign } from '../lib/tokens.mjs';

const gateway = await startGateway();
after(() => gateway.stop());
const attacker = makeRsaKey();
const models = (token) => gateway.request('GET', '/v1/models', { token });
const now = Math.floor(Date.now() / 1000);

async function isRefused(token) {
  const response = await models(token);
  assert.equal(response.status, 401, response.text);
  assert.equal(response.json.error.code, 'invalid_token');
  assert.match(response.get('x-trace-id'), /\S/);
  assert.equal((await models(forge())).status, 200, 'a sound one is taken');
}

test('a sound token is taken', async () => {
  assert.equal((await models(forge())).status, 200);
});

const [header, payload, signature] = forge().split('.');
const tampered = (part, position) => `${part.slice(0, position)}${part[position] === 'A' ? 'B' : 'A'}${part.slice(position + 1)}`;
const ec = generateKeys('ec', { namedCurve: 'P-256' });

const attacks = {
  algorithm: {
    'alg none': sign(goodHeader({ alg: 'none' }), goodClaims(), null, 'none'),
    'alg None': sign(goodHeader({ alg: 'None' }), goodClaims(), null, 'none'),
    'alg NONE': sign(goodHeader({ alg: 'NONE' }), goodClaims(), null, 'none'),
    'alg nOnE with a valid signature': sign(goodHeader({ alg: 'nOnE' }), goodClaims()),
    'alg none keeping the signature of another token': `${encode(goodHeader({ alg: 'none' }))}.${payload}.${signature}`,
    'alg empty': sign(goodHeader({ alg: '' }), goodClaims()),
    'alg missing': sign(goodHeader({ alg: undefined }), goodClaims()),
    'alg null': sign(goodHeader({ alg: null }), goodClaims()),
    'alg a list': sign(goodHeader({ alg: ['RS256'] }), goodClaims()),
    'alg rs256 in lower case': sign(goodHeader({ alg: 'rs256' }), goodClaims()),
    'HS256 with the public key as PEM': sign(goodHeader({ alg: 'HS256' }), goodClaims(), trustedKey.publicPem, 'HS256'),
    'HS256 with the public key as PEM without the last line feed': sign(goodHeader({ alg: 'HS256' }), goodClaims(),
      trustedKey.publicPem.trim(), 'HS256'),
    'HS256 with the public key as DER': sign(goodHeader({ alg: 'HS256' }), goodClaims(),
      trustedKey.publicKey.export({ type: 'spki', format: 'der' }), 'HS256'),
    'HS256 with the modulus': sign(goodHeader({ alg: 'HS256' }), goodClaims(), Buffer.from(trustedKey.jwk.n, 'base64url'), 'HS256'),
    'HS256 with an empty secret': sign(goodHeader({ alg: 'HS256' }), goodClaims(), '', 'HS256'),
    'HS256 with the key id as secret': sign(goodHeader({ alg: 'HS256' }), goodClaims(), TRUSTED_KID, 'HS256'),
    'HMAC under the name RS256': sign(goodHeader(), goodClaims(), trustedKey.publicPem, 'HS256'),
    'RS384 by the right key': sign(goodHeader({ alg: 'RS384' }), goodClaims(), trustedKey.privateKey, 'RS384'),
    'RS512 by the right key': sign(goodHeader({ alg: 'RS512' }), goodClaims(), trustedKey.privateKey, 'RS512'),
    'PS256 by the right key': sign(goodHeader({ alg: 'PS256' }), goodClaims(), trustedKey.privateKey, 'PS256'),
    'PS256 under the name RS256': sign(goodHeader(), goodClaims(), trustedKey.privateKey, 'PS256'),
    'SHA-512 under the name RS256': sign(goodHeader(), goodClaims(), trustedKey.privateKey, 'RS512'),
    'RS256 under the name RS512': sign(goodHeader({ alg: 'RS512' }), goodClaims()),
    'ES256 by a key of its own': (() => {
      const input = `${encode(goodHeader({ alg: 'ES256' }))}.${encode(goodClaims())}`;
      return `${input}.${crypto.sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    })(),
  },
  key: {
    'another key under a trusted kid': sign(goodHeader(), goodClaims(), attacker.privateKey),
    'kid missing': sign(goodHeader({ kid: undefined }), goodClaims()),
    'kid unknown': sign(goodHeader({ kid: 'unknown' }), goodClaims()),
    'kid empty': sign(goodHeader({ kid: '' }), goodClaims()),
    'kid a number': sign(goodHeader({ kid: 1 }), goodClaims()),
    'kid a path': sign(goodHeader({ kid: '../../../../dev/null' }), goodClaims()),
    'kid with SQL': sign(goodHeader({ kid: "x' UNION SELECT 'y" }), goodClaims()),
    'kid in another case': sign(goodHeader({ kid: TRUSTED_KID.toUpperCase() }), goodClaims()),
    'kid with a NUL behind it': sign(goodHeader({ kid: `${TRUSTED_KID}\u0000` }), goodClaims()),
    'jwk in the header': sign(goodHeader({ jwk: attacker.jwk }), goodClaims(), attacker.privateKey),
    'jwk in the header without kid': sign(goodHeader({ kid: undefined, jwk: attacker.jwk }), goodClaims(), attacker.privateKey),
    'jku in the header': sign(goodHeader({ jku: 'http://127.0.0.1:1/jwks.json' }), goodClaims(), attacker.privateKey),
    'x5c in the header': sign(goodHeader({ x5c: [attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }),
      goodClaims(), attacker.privateKey),
    'x5u in the header': sign(goodHeader({ x5u: 'http://127.0.0.1:1/cert.pem' }), goodClaims(), attacker.privateKey),
    'crit with an unknown extension': sign(goodHeader({ crit: ['x-unknown'], 'x-unknown': true }), goodClaims()),
    'crit empty': sign(goodHeader({ crit: [] }), goodClaims()),
    'b64 false and critical': sign(goodHeader({ crit: ['b64'], b64: false }), goodClaims()),
  },
  claims: {
    'iss another': forge({ iss: 'https://evil.example' }),
    'iss with a slash more': forge({ iss: 'https://api.behest.ai/' }),
    'iss missing': forge({ iss: undefined }),
    'iss a list': forge({ iss: ['https://api.behest.ai'] }),
    'aud another': forge({ aud: 'other' }),
    'aud missing': forge({ aud: undefined }),
    'aud a list without us': forge({ aud: ['other', 'behest2'] }),
    'aud a list of lists': forge({ aud: [['behest']] }),
    expired: forge({ exp: now - 1 - 120, iat: now - 1000, nbf: now - 1000 }),
    'exp missing': forge({ exp: undefined }),
    'exp null': forge({ exp: null }),
    'exp text': forge({ exp: String(now + 900) }),
    'exp negative': forge({ exp: -1 }),
    'exp zero': forge({ exp: 0 }),
    'exp beyond 64 bits': sign(goodHeader(), JSON.stringify(goodClaims()).replace(/"exp":\d+/, '"exp":1e400')),
    'nbf in the future': forge({ nbf: now + 600 }),
    'nbf text': forge({ nbf: 'now' }),
    'iat in the future': forge({ iat: now + 600 }),
    'uid missing': forge({ uid: undefined }),
    'uid empty': forge({ uid: '' }),
    'uid a number': forge({ uid: 7 }),
    'uid an object': forge({ uid: { $ne: '' } }),
    'role another': forge({ role: 'service' }),
    'tier text': forge({ tier: 'gold' }),
    'tier negative': forge({ tier: -1 }),
  },
  form: {
    'a payload changed by one character': `${header}.${tampered(payload, 20)}.${signature}`,
    'a header changed by one character': `${tampered(header, 20)}.${payload}.${signature}`,
    'a signature changed by one character': `${header}.${payload}.${tampered(signature, 20)}`,
    'the payload of another token': `${header}.${encode(goodClaims({ uid: 'victim' }))}.${signature}`,
    'the signature cut off': `${header}.${payload}.`,
    'the signature missing': `${header}.${payload}`,
    'a signature of one byte': `${header}.${payload}.AA`,
    'a signature of zeros': `${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`,
    'a signature half as long': `${header}.${payload}.${signature.slice(0, 171)}`,
    'a signature twice as long': `${header}.${payload}.${signature}${signature}`,
    'garbage behind the signature': `${header}.${payload}.${signature}AAAA`,
    'a part more': `${header}.${payload}.${signature}.${signature}`,
    'a dot at the end': `${header}.${payload}.${signature}.`,
    'a dot in front': `.${header}.${payload}.${signature}`,
    'an empty header': `.${payload}.${signature}`,
    'an empty payload': `${header}..${signature}`,
    'only dots': '..',
    'many dots': '.'.repeat(2000),
    'one word': 'token',
    'padding in base64url': `${header}.${payload}.${signature}==`,
    'plus and slash of plain base64': `${header}.${payload}.${Buffer.from(signature, 'base64url').toString('base64')}`,
    'a blank inside': `${header}.${payload} .${signature}`,
    'a line feed at the end': `${header}.${payload}.${signature}\n`,
    'an emoji': `${header}.${payload}.${signature}\u{1f600}`,
    'a header that is no JSON': `${encode('nonsense')}.${payload}.${signature}`,
    'a header that is a list': sign([goodHeader()], goodClaims()),
    'a payload that is no JSON': sign(goodHeader(), 'nonsense'),
    'a payload that is a list': sign(goodHeader(), [goodClaims()]),
    'a payload that is text': sign(goodHeader(), '"x"'),
    'a payload that is empty': sign(goodHeader(), Buffer.alloc(0)),
    'a payload of 10,000 levels': sign(goodHeader(), `{"uid":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
    'a payload that is not UTF-8': sign(goodHeader(), Buffer.from('{"uid":"\xff"}', 'latin1')),
    'a token of 120 KB': forge({ pad: 'x'.repeat(90_000) }),
    '120 KB of one letter': 'A'.repeat(120_000),
    'an encrypted token': `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.AAAA.AAAA.AAAA.AAAA`,
    'another scheme in the token': `Bearer ${forge()}`,
  },
};

for (const [kind, tokens] of Object.entries(attacks)) {
  describe(kind, () => {
    for (const [name, token] of Object.entries(tokens)) test(name, () => isRefused(token));
  });
}

describe('the header', () => {
  for (const [name, authorization] of Object.entries({
    none: undefined,
    empty: '',
    'Bearer alone': 'Bearer',
    Basic: `Basic ${forge()}`,
    'the token alone': forge(),
    'two tokens': `Bearer ${forge()}, Bearer ${forge()}`,
  })) {
    test(`${name}: 401`, async () => {
      const response = await gateway.request('GET', '/v1/models',
        { headers: authorization === undefined ? {} : { authorization } });
      assert.equal(response.status, 401);
      assert.equal(response.json.error.code, 'invalid_token');
    });
  }
  test('the token elsewhere: 401', async () => {
    const token = forge();
    for (const options of [{ query: `access_token=${token}` }, { headers: { cookie: `authToken=${token}` } },
      { headers: { 'x-access-token': token } }])
      assert.equal((await gateway.request('GET', '/v1/models', options)).status, 401);
  });
});

test('aud as a list with us in it is sound', async () => {
  assert.equal((await models(forge({ aud: ['other', 'behest'] }))).status, 200);
});

test('every call of the data plane asks for the token', async () => {
  for (const [method, path] of [['POST', '/v1/chat/completions'], ['GET', '/v1/models']]) {
    const response = await gateway.request(method, path, method === 'POST' ? { json: { messages: [] } } : {});
    assert.equal(response.status, 401, path);
  }
});

test('nothing of a refused token is in the log', async () => {
  const token = forge({ exp: 1, uid: 'unlikely-uid', nbf: 0, iat: 0 });
  await models(token);
  await gateway.request('GET', '/v1/models', { query: `token=${token}` });
  await isLogged(gateway);
  assert.ok(!gateway.stderr.includes(token.slice(-40)));
  assert.doesNotMatch(gateway.stderr, /eyJ|tests-key/);
});
