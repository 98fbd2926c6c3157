// The token of /metrics arrives, and without it there is nothing to see.
import assert from 'node:assert/strict';
import { parseExposition } from '../../lib/exposition.mjs';
import { fetchRaw } from '../../lib/https-client.mjs';
import { gatewayRequest } from '../lib/gateway.mjs';
import { METRICS_TOKEN } from '../lib/sites.mjs';

const withToken = { authorization: `Bearer ${METRICS_TOKEN}` };

/** Checks both answers of one program; `ask` sends a GET of a path with headers. */
async function check(ask) {
  const shown = await ask('/metrics', withToken);
  assert.equal(shown.status, 200, shown.statusLine);
  assert.equal(shown.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.ok(parseExposition(shown.text).has('behest_http_requests_total'));
  for (const headers of [{}, { authorization: 'Bearer not-the-token-at-all' }]) {
    const hidden = await ask('/metrics', headers);
    const unknown = await ask('/metricz', headers);
    assert.equal(hidden.status, 404);
    assert.equal(hidden.text, unknown.text);
  }
}

export const metrics = {
  'of behest-fcgi': ({ site, mount }) => check((path, headers) => fetchRaw({ site, path: mount + path, headers })),
};

export const gatewayMetrics = {
  'of behest-gateway': ({ site }) => check((path, headers) => gatewayRequest(site, 'GET', path, { headers })),
};
