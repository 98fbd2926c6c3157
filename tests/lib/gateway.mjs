// behest-gateway as most tests want it: own database, two allowed origins, and the tests' own key trusted.
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from './client.mjs';
import { Connection } from './fastcgi.mjs';
import { makeRsaKey } from './keys.mjs';
import { startResponder, temporaryFolder } from './program.mjs';
import { forge } from './tokens.mjs';

export const API_KEY = 'behest_sk_live_0123456789abcdef0123456789abcdef';
export const ORIGIN = 'http://localhost:3000';
export const OTHER_ORIGIN = 'https://chat.example.org';

/** A key whose public half the gateway trusts through GATEWAY_JWKS. */
export const trustedKey = makeRsaKey();
export const TRUSTED_KID = 'tests-key';

export function jwks(...keys) {
  return JSON.stringify({ keys: keys.map(([kid, key]) => ({ ...key.jwk, kid, alg: 'RS256', use: 'sig' })) });
}

export function gatewayEnvironment(folder, more = {}) {
  const file = path.join(folder, 'trusted.json');
  if (!existsSync(file)) writeFileSync(file, jwks([TRUSTED_KID, trustedKey]));
  return {
    GATEWAY_DATABASE: path.join(folder, 'gateway.db'),
    GATEWAY_API_KEY: API_KEY,
    GATEWAY_ALLOWED_ORIGINS: `${ORIGIN}, ${OTHER_ORIGIN}`,
    GATEWAY_JWKS: file,
    ...more,
  };
}

let people = 0;

/** Starts behest-gateway; `env` goes over the defaults, undefined removes one. */
export async function startGateway({ env = {}, args = ['--threads', '8'], folder = temporaryFolder(), ...rest } = {}) {
  const settings = Object.fromEntries(
    Object.entries(gatewayEnvironment(folder, env)).filter(([, value]) => value !== undefined));
  const gateway = await startResponder('behest-gateway', { env: settings, args, folder, ...rest });
  const client = new Client(gateway.address, { host: 'gateway.example.net' });
  const request = (method, target, { token, json, body = json === undefined ? '' : JSON.stringify(json), headers = {},
    ...more } = {}) =>
    client.request(method, target, {
      body,
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }),
        ...headers },
      ...more,
    });
  return Object.assign(gateway, {
    settings,
    database: settings.GATEWAY_DATABASE,
    client,
    request,
    /** A token for somebody, signed by the tests' key. */
    token: (claims = {}) => forge({ uid: `person-${++people}`, ...claims }),
    chat: (token, json = question(), more = {}) => request('POST', '/v1/chat/completions', { token, json, ...more }),
    /** The same as a stream: the exchange, for head() and chunks(). */
    async stream(token, json = question({ stream: true }), { headers = {} } = {}) {
      const body = Buffer.from(JSON.stringify(json));
      const connection = await Connection.open(gateway.address);
      const params = client.params('POST', '/v1/chat/completions', {
        length: body.length, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers } });
      return connection.start({ params, body });
    },
    mint: (json = {}, more = {}) => request('POST', '/v1/auth/mint', { token: API_KEY,
      json: { user_id: `person-${++people}`, ...json }, ...more }),
  });
}

export function question(more = {}) {
  return { messages: [{ role: 'user', content: 'How do I add a user?' }], ...more };
}

/** The data of each event of a text/event-stream. */
export function events(text) {
  return text.split(/\r?\n\r?\n/).filter((block) => block.trim())
    .map((block) => block.split(/\r?\n/).filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim()).join('\n'))
    .filter(Boolean);
}

/** The text of a streamed reply. */
export function replyOf(text) {
  return events(text).filter((data) => data !== '[DONE]').map((data) => JSON.parse(data).choices?.[0]?.delta?.content ?? '').join('');
}
