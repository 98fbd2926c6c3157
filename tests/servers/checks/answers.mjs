// Answers keep their status, headers and words on the way through the web server.
import assert from 'node:assert/strict';
import { fetchRaw } from '../../lib/https-client.mjs';
import { gatewayRequest } from '../lib/gateway.mjs';
import { METHODS, Visitor } from '../lib/visitor.mjs';

const INIT = `${METHODS}_system.session.init`;
const JSON_TYPE = { 'content-type': 'application/json' };

// Verb, path, options, status, words that the answer has to have.
const ANSWERS = [
  ['GET', '/healthz', {}, 200, 'ok\n'],
  ['OPTIONS', INIT, {}, 204, ''],
  ['POST', INIT, { headers: JSON_TYPE, body: '{' }, 400, undefined],
  ['POST', `${METHODS}behest.mint`, { headers: JSON_TYPE, body: '{"args":{}}' }, 401, undefined],
  ['POST', INIT, { headers: { ...JSON_TYPE, origin: 'https://evil.example' }, body: '{}' }, 403, 'Requests from other sites are not allowed'],
  ['GET', '/nothing-here', {}, 404, undefined],
  ['GET', '/api/nothing', {}, 404, undefined],
  ['POST', `${METHODS}no.such`, { headers: JSON_TYPE, body: '{}' }, 404, 'Method not found'],
  ['POST', INIT, { headers: { 'content-type': 'text/plain' }, body: '{}' }, 415, 'The content type must be application/json'],
  ['POST', '/api/behest/token', {}, 401, undefined],
];

// Verb, path, Allow.
const WRONG_VERBS = [
  ['GET', INIT, 'POST, OPTIONS'],
  ['DELETE', '/healthz', 'GET, HEAD, OPTIONS'],
  ['POST', '/', 'GET, HEAD, OPTIONS'],
  ['PUT', '/api/behest/token', 'POST, OPTIONS'],
  ['PATCH', '/signin', 'GET, HEAD, OPTIONS'],
];

export const answers = {
  async 'every status arrives, with its line and its words'({ site, mount }) {
    for (const [method, path, options, status, text] of ANSWERS) {
      const answer = await fetchRaw({ site, method, path: mount + path, ...options });
      assert.equal(answer.status, status, `${method} ${path}: ${answer.statusLine} ${answer.text}`);
      assert.match(answer.statusLine, /^HTTP\/1\.1 \d{3} \S/);
      if (text !== undefined) assert.equal(answer.text, text, path);
      else assert.doesNotMatch(answer.text, /<html/i, `${path}: the application's words, not the web server's`);
      assert.match(answer.get('x-request-id'), /^[0-9a-f]{16}$/);
    }
  },

  async 'errors of the routes for Behest clients are JSON'({ site, mount }) {
    const answer = await fetchRaw({ site, method: 'POST', path: `${mount}/api/behest/token` });
    assert.equal(answer.get('content-type'), 'application/json');
    assert.equal(answer.json.error.code, 'unauthorized');
  },

  async 'a wrong verb is told the right ones'({ site, mount }) {
    for (const [method, path, allow] of WRONG_VERBS) {
      const answer = await fetchRaw({ site, method, path: mount + path, headers: JSON_TYPE });
      assert.equal(answer.status, 405, `${method} ${path}: ${answer.statusLine}`);
      assert.equal(answer.get('allow'), allow, `${method} ${path}`);
    }
  },

  async 'TRACE does not read cookies out'({ site, mount }) {
    const answer = await fetchRaw({ site, method: 'TRACE', path: `${mount}/`, headers: { cookie: 'authToken=seen' } });
    assert.notEqual(answer.status, 200);
    assert.ok(!answer.text.includes('authToken'));
  },

  async 'who asks too often is told when to come back'({ site }) {
    const person = new Visitor(site);
    person.email = 'nobody@example.org';
    let answer;
    for (let tries = 0; tries < 60 && answer?.status !== 429; tries++) answer = await person.signIn();
    assert.equal(answer.status, 429);
    assert.match(answer.get('retry-after'), /^[1-9]\d*$/);
  },
};

export const gatewayAnswers = {
  async 'errors arrive, with what pages need to read them'({ site }) {
    for (const [method, path, headers, status, code] of [
      ['POST', '/v1/chat/completions', JSON_TYPE, 401, 'invalid_token'],
      ['GET', '/v1/nothing', {}, 404, undefined],
    ]) {
      const answer = await gatewayRequest(site, method, path, { headers: { origin: site.origin, ...headers } });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.get('access-control-allow-origin'), site.origin);
      assert.match(answer.get('x-trace-id'), /^[0-9a-f]{16}$/);
      if (code) assert.equal(answer.json.error.code, code);
    }
  },

  async 'the preflight that browsers make before a completion passes, for this site alone'({ site }) {
    const preflight = (origin) => gatewayRequest(site, 'OPTIONS', '/v1/chat/completions', { headers: { origin,
      'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-session-id' } });
    const answer = await preflight(site.origin);
    assert.equal(answer.status, 204);
    assert.equal(answer.get('access-control-allow-origin'), site.origin);
    assert.match(answer.get('access-control-allow-headers'), /authorization/i);
    assert.deepEqual(answer.all('access-control-allow-origin').length, 1);
    assert.equal((await preflight('https://evil.example')).get('access-control-allow-origin'), undefined);
  },

  async 'it knows of HTTPS, whatever a header says'({ site }) {
    const answer = await gatewayRequest(site, 'GET', '/healthz', { headers: { 'x-forwarded-proto': 'http' } });
    assert.equal(answer.get('strict-transport-security'), 'max-age=31536000');
  },
};
