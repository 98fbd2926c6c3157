// RSA keys in every form that the settings accept.
import crypto from 'node:crypto';

export function makeRsaKey(bits = 2048) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: bits });
  return {
    publicKey,
    privateKey,
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    pkcs1: privateKey.export({ type: 'pkcs1', format: 'pem' }),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }),
    jwk: publicKey.export({ format: 'jwk' }),
  };
}

export function base64(text) {
  return Buffer.from(text).toString('base64');
}

/** The settings of local signing. */
export function localSigning(key, more = {}) {
  return {
    BEHEST_KEY: `behest_pk_${base64(key.pkcs8)}`,
    BEHEST_KID: 'key-1',
    BEHEST_TENANT_ID: 'tenant-1',
    BEHEST_PROJECT_ID: 'project-1',
    ...more,
  };
}

/** The parts of a token, not verified. */
export function takeApart(token) {
  const [header, payload, signature] = token.split('.');
  const text = (part) => Buffer.from(part, 'base64url').toString();
  return { header: JSON.parse(text(header)), payload: JSON.parse(text(payload)), rawHeader: text(header), rawPayload: text(payload),
    signature };
}
