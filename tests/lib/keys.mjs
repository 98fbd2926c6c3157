// Keys, of RSA in every form that the settings accept.
import crypto from 'node:crypto';

export function makeRsaKey(bits = 2048) {
  const { publicKey, privateKey } = generateKeys('rsa', { modulusLength: bits });
  return {
    publicKey,
    privateKey,
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    pkcs1: privateKey.export({ type: 'pkcs1', format: 'pem' }),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }),
    jwk: publicKey.export({ format: 'jwk' }),
  };
}

/**
 * A key pair that was read from PEM. Those that Node generates as objects share a lock with what generated them: when that is
 * collected while the key is exported as a JWK, Node 18 and 20 hang for ever.
 */
export function generateKeys(type, options) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync(type, {
    ...options,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: crypto.createPublicKey(publicKey), privateKey: crypto.createPrivateKey(privateKey) };
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
