// Calls to the gateway of a started site.
import assert from 'node:assert/strict';
import { fetchRaw, stream } from '../../lib/https-client.mjs';
import { events, question, replyOf } from '../../lib/gateway.mjs';

function target(site, path) {
  const { hostname, port, pathname } = new URL(site.gateway);
  return { site, host: hostname, port: Number(port), path: (pathname === '/' ? '' : pathname) + path };
}

function completion(site, token, body) {
  return {
    ...target(site, '/v1/chat/completions'),
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', origin: site.origin },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

export function gatewayRequest(site, method, path, options = {}) {
  return fetchRaw({ ...target(site, path), method, ...options });
}

/** A completion, whatever its answer. */
export function ask(site, token, body = question()) {
  return fetchRaw(completion(site, token, body));
}

/** A streamed reply that has to come whole; its text. */
export async function chat(site, token) {
  const answer = await ask(site, token, question({ stream: true }));
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.get('content-type'), /^text\/event-stream/);
  assert.equal(answer.get('access-control-allow-origin'), site.origin);
  assert.equal(events(answer.text).at(-1), '[DONE]');
  return replyOf(answer.text);
}

/** A streamed reply as it comes. */
export function askStreaming(site, token) {
  return stream(completion(site, token, question({ stream: true })));
}
