// Tokens by hand: sound ones, and every kind that must not be taken.
import crypto from 'node:crypto';
import { TRUSTED_KID, trustedKey } from './gateway.mjs';

export function encode(value) {
  return Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString('base64url');
}

export function goodClaims(more = {}) {
  const now = Math.floor(Date.now() / 1000);
  return {
    tid: 'tenant', pid: 'project', uid: 'person', role: 'user', scp: [], iss: 'https://api.behest.ai', aud: 'behest',
    iat: now, nbf: now, exp: now + 900, jti: crypto.randomUUID(), sid: crypto.randomUUID(), tier: 1, ...more,
  };
}

export function goodHeader(more = {}) {
  return { alg: 'RS256', typ: 'JWT', kid: TRUSTED_KID, ...more };
}

const HASHES = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512', PS256: 'sha256' };

/** A token of any header and payload; an undefined claim is left out. The signature is right for `alg`. */
export function sign(header, payload, key = trustedKey.privateKey, alg = 'RS256') {
  const input = `${encode(header)}.${encode(payload)}`;
  if (alg === 'none') return `${input}.`;
  if (alg === 'HS256') return `${input}.${crypto.createHmac('sha256', key).update(input).digest('base64url')}`;
  const padding = alg.startsWith('PS') ? { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  return `${input}.${crypto.sign(HASHES[alg], Buffer.from(input), { key, ...padding }).toString('base64url')}`;
}

/** A token that the gateway takes, with some claims changed. */
export function forge(claims = {}, header = {}) {
  return sign(goodHeader(header), goodClaims(claims));
}
