// A gateway for the tests that does as it is told: it delays, cuts, refuses, and notes what it was asked.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { within } from '../lib/fastcgi.mjs';
import { ScriptedThreads } from './scripted-threads.mjs';

// No x-stainless-* here: a gateway may be this strict.
const ALLOWED_HEADERS = ['authorization', 'content-type', 'x-session-id', 'x-thread-id'];

const ERROR_CODES = {
  400: 'validation_error',
  401: 'invalid_token',
  402: 'quota_exceeded',
  403: 'forbidden',
  404: 'not_found',
  422: 'validation_error',
  429: 'rate_limited',
};

export class ScriptedGateway {
  key;
  url = '';
  allowedOrigins = [];
  /** What stands in Access-Control-Allow-Origin, whoever asks. */
  fixedOrigin = null;
  allowedHeaders = ALLOWED_HEADERS;
  /** Where preflights are sent. */
  redirectTo = null;
  /** Seconds that the tokens minted from now on are good for. */
  ttl = null;
  keepsThreads = false;
  /** What /v1/usage and /v1/billing/usage answer: `{ tokens, requests, limits }`, a status, or null where there is none. */
  usage = null;
  usageCalls = [];
  /** Claims of the tokens minted from now on, besides the usual ones. */
  claims = {};
  threads = new ScriptedThreads();
  /** Calls for threads, as "METHOD path?query". */
  threadCalls = [];
  mints = [];
  completions = [];
  preflights = [];
  #server;
  #tokens = new Map();
  #answers = [];
  #mintRefusals = [];
  #threadAnswers = [];

  static async start(key) {
    const gateway = new ScriptedGateway();
    gateway.key = key;
    gateway.#server = createServer((request, response) => {
      gateway.#serve(request, response).catch((error) => response.destroy(error));
    });
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    gateway.url = `http://127.0.0.1:${gateway.#server.address().port}`;
    return gateway;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Back to the beginning, except for the tokens that are out. */
  reset() {
    this.#answers = [];
    this.#mintRefusals = [];
    this.#threadAnswers = [];
    this.threads.clear();
    this.ttl = null;
    this.keepsThreads = false;
    this.usage = null;
    this.claims = {};
    this.fixedOrigin = this.redirectTo = null;
    this.allowedHeaders = ALLOWED_HEADERS;
    this.mints.length = this.completions.length = this.preflights.length = 0;
    this.usageCalls.length = this.threadCalls.length = 0;
  }

  /** From now on every token minted so far is refused. */
  revokeTokens() {
    this.#tokens.clear();
  }

  refuseMint(status, times = 1) {
    for (let i = 0; i < times; i++) this.#mintRefusals.push(status);
  }

  /** The next completion is this text, whole. */
  answer(text) {
    this.#answers.push((stream) => {
      for (const piece of text.match(/[^]{1,24}/g) ?? []) stream.piece(piece);
      stream.finish();
    });
  }

  /** The next completions, so many `times`, are refused. */
  refuse(status, { message = `Scripted refusal ${status}`, details, headers = {}, times = 1 } = {}) {
    for (let i = 0; i < times; i++) this.#answers.push((stream) => stream.refuse(status, message, details, headers));
  }

  /** The next completions, so many `times`, get no answer at all. */
  hangUp(times = 1) {
    for (let i = 0; i < times; i++) this.#answers.push((stream) => stream.hangUp());
  }

  /** The next completion is a stream in the test's hands. */
  hold() {
    const held = deferred();
    this.#answers.push((stream) => held.resolve(stream));
    const stream = within(held.promise, 'no message came to the gateway');
    // Whether anybody waits for it or not.
    stream.catch(() => {});
    return stream;
  }

  /** The next call for threads whose method and path match is refused. */
  refuseThreads(pattern, status) {
    this.#threadAnswers.push({ pattern, before: () => status });
  }

  /** The next such call waits until the function is called that this returns. */
  holdThreads(pattern) {
    const held = deferred();
    this.#threadAnswers.push({ pattern, before: () => held.promise });
    return () => held.resolve(null);
  }

  async #serve(request, response) {
    response.setHeader('X-Trace-Id', randomUUID());
    // A browser repeats by itself what fails on a connection that was used before.
    response.setHeader('Connection', 'close');
    this.#cors(request, response);
    const { pathname } = new URL(request.url, this.url);
    if (request.method === 'OPTIONS') return this.#preflight(request, response);
    const body = await readBody(request);
    const route = `${request.method} ${pathname}`;
    if (route === 'POST /v1/auth/mint') return this.#mint(request, response, JSON.parse(body));
    const claims = this.#claimsOf(request);
    if (!claims) return refuse(response, 401, 'The token is not valid');
    if (route === 'POST /v1/chat/completions') return this.#complete(request, response, JSON.parse(body), claims);
    if (/^GET \/v1\/(billing\/)?usage$/.test(route) && this.usage !== null) return this.#tellUsage(request, response);
    if (/^\/v1\/threads(\/|$)/.test(pathname) && this.keepsThreads) return this.#serveThreads(request, response, claims);
    return refuse(response, 404, 'There is nothing here');
  }

  #tellUsage(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    this.usageCalls.push({ pathname, query: Object.fromEntries(searchParams) });
    if (typeof this.usage === 'number') return refuse(response, this.usage, 'Scripted refusal');
    const { tokens, requests, limits } = this.usage;
    if (pathname === '/v1/usage') return json(response, 200, { totals: { tokens, cost_usd: 0 }, breakdown: [], limits });
    return requests === undefined ? refuse(response, 404, 'There is nothing here') : json(response, 200, { platform: { requests } });
  }

  #cors(request, response) {
    const { origin } = request.headers;
    response.setHeader('Vary', 'Origin');
    if (!this.fixedOrigin && !this.allowedOrigins.includes(origin)) return;
    response.setHeader('Access-Control-Allow-Origin', this.fixedOrigin ?? origin);
    response.setHeader('Access-Control-Expose-Headers', 'X-Trace-Id, Retry-After');
  }

  #preflight(request, response) {
    const asked = (request.headers['access-control-request-headers'] ?? '').split(',').filter(Boolean);
    this.preflights.push({ path: request.url, headers: asked.map((name) => name.trim()) });
    if (this.redirectTo) return response.writeHead(307, { Location: this.redirectTo }).end();
    response.setHeader('Access-Control-Allow-Methods', 'POST, GET, DELETE');
    response.setHeader('Access-Control-Allow-Headers', this.allowedHeaders.join(', '));
    return response.writeHead(204).end();
  }

  #mint(request, response, asked) {
    if (request.headers.authorization !== `Bearer ${this.key}`) return refuse(response, 401, 'The key is not valid');
    this.mints.push(asked);
    const refusal = this.#mintRefusals.shift();
    if (refusal) return refuse(response, refusal, `Scripted refusal ${refusal}`);
    const ttl = this.ttl ?? asked.ttl;
    const sessionId = asked.session_id ?? randomUUID();
    const claims = { uid: asked.user_id, sid: sessionId, exp: Math.floor(Date.now() / 1000) + ttl, jti: randomUUID(), ...this.claims };
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'scripted' })}.${encode(claims)}.c2NyaXB0ZWQ`;
    this.#tokens.set(jwt, claims);
    return json(response, 200, { jwt, ttl, session_id: sessionId, token_type: 'Bearer' });
  }

  #claimsOf(request) {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const claims = this.#tokens.get(token);
    return claims && claims.exp > Date.now() / 1000 ? claims : null;
  }

  async #serveThreads(request, response, { uid }) {
    const { pathname, searchParams, search } = new URL(request.url, this.url);
    const [, , , name, part] = pathname.split('/');
    const id = name && decodeURIComponent(name);
    const call = `${request.method} ${pathname}`;
    this.threadCalls.push(call + search);
    const scripted = this.#threadAnswers.findIndex(({ pattern }) => pattern.test(call));
    const status = scripted < 0 ? null : await this.#threadAnswers.splice(scripted, 1)[0].before();
    if (status) return refuse(response, status, `Scripted refusal ${status}`);
    const query = Object.fromEntries(searchParams);
    const found = request.method === 'DELETE' ? this.threads.remove(uid, id)
      : part ? this.threads.messages(uid, id, query)
        : id ? this.threads.show(uid, id) : this.threads.list(uid, query);
    if (!found) return refuse(response, 404, 'There is no such conversation');
    return request.method === 'DELETE' ? response.writeHead(204).end() : json(response, 200, found);
  }

  #complete(request, response, body, claims) {
    this.completions.push({ headers: request.headers, body, claims });
    const next = this.#answers.shift() ?? ((stream) => (stream.piece('Nothing was scripted.'), stream.finish()));
    const threadId = this.keepsThreads && request.headers['x-thread-id'];
    next(new Stream(response, threadId ? this.threads.begin(claims.uid, threadId, body.messages) : null));
  }
}

/** A completion on its way to the page. */
class Stream {
  #response;
  #id = `chatcmpl-${randomUUID()}`;
  #closed;
  #kept;
  isFinished = false;

  /** With `kept` the thread that is told what comes of it. */
  constructor(response, kept) {
    this.#response = response;
    this.#kept = kept;
    this.#closed = once(response, 'close');
    response.on('close', () => kept?.end('stopped'));
  }

  /** Waits until the reader has gone or the stream has ended. */
  closed() {
    return within(this.#closed, 'the page kept the connection open');
  }

  piece(text) {
    this.#kept?.piece(text);
    this.#chunk({ index: 0, delta: { content: text }, finish_reason: null });
  }

  finish() {
    this.isFinished = true;
    this.#kept?.end('complete');
    this.#chunk({ index: 0, delta: {}, finish_reason: 'stop' });
    this.end();
  }

  /** The end, without a reason given. */
  end() {
    this.#kept?.end('incomplete');
    this.#start();
    this.#response.end('data: [DONE]\n\n');
  }

  /** The connection ends without one byte of an answer. */
  hangUp() {
    this.#kept?.end('incomplete');
    this.#response.socket.destroy();
  }

  /** The connection breaks. */
  cut() {
    this.#kept?.end('incomplete');
    this.#start();
    this.#response.socket.destroy();
  }

  refuse(status, message, details, headers) {
    this.#kept?.end('incomplete');
    for (const [name, value] of Object.entries(headers)) this.#response.setHeader(name, value);
    refuse(this.#response, status, message, details);
  }

  #chunk(choice) {
    this.#start();
    const chunk = { id: this.#id, object: 'chat.completion.chunk', created: 0, model: 'scripted', choices: [choice] };
    this.#response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }

  #start() {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  }
}

function refuse(response, status, message, details) {
  const code = ERROR_CODES[status] ?? 'server_error';
  json(response, status, { error: { code, message, ...(details && { details }) } });
}

function json(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(value));
}

async function readBody(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

function deferred() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  return result;
}
