// Behest's POST /v1/auth/mint as a script: each answer is a behaviour, and all requests are recorded.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { temporaryFolder } from './program.mjs';

export const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJ1aWQiOiJ4In0.c2lnbmF0dXJl';

/** Behaviours: functions of (request as recorded, response, socket). */
export const answers = {
  json: (body, status = 200, headers = {}) => (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  },
  token: (more = {}) => (seen, response) =>
    answers.json({ jwt: TOKEN, ttl: seen.body?.ttl, session_id: seen.body?.session_id, ...more })(seen, response),
  text: (text, status = 200, headers = {}) => (_, response) => {
    response.writeHead(status, { 'content-type': 'text/plain', ...headers });
    response.end(text);
  },
  error: (status, headers = {}) => answers.json({ error: { code: 'refused', message: 'refused by the script' } }, status, headers),
  redirect: (location) => answers.text('', 307, { location }),
  /** A sound answer after a while. */
  slow: (ms, then = answers.token()) => (seen, response) => { setTimeout(() => then(seen, response), ms); },
  hang: () => () => {},
  /** Headers, part of the body, then silence. */
  stall: () => (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"jwt":');
  },
  close: () => (_, response, socket) => { socket.end(); },
  reset: () => (_, response, socket) => { socket.resetAndDestroy(); },
  /** The connection breaks in the middle of the answer. */
  cut: () => (_, response, socket) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"jwt":');
    setTimeout(() => socket.destroy(), 50);
  },
};

export class ScriptedBehest {
  requests = [];
  connections = 0;
  refusedHandshakes = 0;
  /** Used in turn, one for each request; then `always`. */
  next = [];
  always = answers.token();

  static async start({ tls, hostname = '127.0.0.1' } = {}) {
    const behest = new ScriptedBehest();
    const handle = (request, response) => behest.#handle(request, response);
    behest.server = tls ? https.createServer(tls, handle) : http.createServer(handle);
    behest.server.keepAliveTimeout = 60_000;
    behest.server.on('connection', () => { behest.connections++; });
    behest.server.on('tlsClientError', () => { behest.refusedHandshakes++; });
    await new Promise((resolve) => behest.server.listen(0, '127.0.0.1', resolve));
    behest.url = `${tls ? 'https' : 'http'}://${hostname}:${behest.server.address().port}`;
    return behest;
  }

  async #handle(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    let body;
    try {
      body = JSON.parse(text);
    } catch { /* recorded as it is */ }
    const seen = { method: request.method, url: request.url, headers: request.headers, text, body,
      port: request.socket.remotePort };
    this.requests.push(seen);
    (this.next.shift() ?? this.always)(seen, response, request.socket);
  }

  /** Forgets what was asked and answers well again. */
  reset() {
    this.requests = [];
    this.connections = 0;
    this.next = [];
    this.always = answers.token();
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** A certificate that nobody signed but itself. */
export function selfSigned(name = 'localhost') {
  const folder = temporaryFolder();
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
