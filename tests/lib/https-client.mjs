// An HTTP/1.1 client that sends exactly what a test wants sent, and shows exactly what arrived and when.
import net from 'node:net';
import tls from 'node:tls';
import { within } from './fastcgi.mjs';

const TIMEOUT_MS = 60_000;
const HEAD_MAX_BYTES = 256 * 1024;

/**
 * One request to a site (tests/lib/servers), on a connection of its own.
 *
 * site             as a starter made it
 * host             the Host header, also for SNI; the site's port is added to a name without one (default: the chat's host)
 * method, path     sent as they are, not normalised
 * headers          an object, or [[name, value]...]; undefined values are left out. Host, Content-Length and Connection: close come by
 *                  themselves unless named
 * body             string or Buffer
 * chunked          true, or a size: the body goes in chunks (of that size) without a Content-Length
 * abortAfterBytes  go away after so many bytes of the body; the answer is then null
 * rawHead          the whole head as it is to be sent, instead of all of the above but host and body
 * plain            plain HTTP to the site's httpPort
 * localAddress     the loopback address to come from (default: the system's choice)
 *
 * Answers { status, statusLine, headers, get(name), all(name), body, text, json }; throws when the answer is not whole.
 */
export async function fetchRaw(options) {
  return within(exchange(options), `no whole answer to ${options.method ?? 'GET'} ${options.path ?? ''}`, TIMEOUT_MS);
}

/**
 * The same, as soon as the head has arrived: { status, ..., chunks(), read(pattern), close() }.
 * chunks() yields { data, at }, `at` in milliseconds (performance.now()); read(pattern) reads until the text so far matches, and answers
 * that text; close() leaves at once.
 */
export async function stream(options) {
  const socket = await connect(options);
  try {
    send(socket, options);
    const reader = new Reader(socket);
    const head = await within(readHead(reader), 'no head of an answer', TIMEOUT_MS);
    return new Stream(socket, head, bodyPieces(reader, head, options.method));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Everything that the server sends until it closes the connection, as bytes: for several requests in one `rawHead`. */
export async function fetchAll(options) {
  const socket = await connect(options);
  try {
    send(socket, options);
    const pieces = [];
    const reader = new Reader(socket);
    for (let piece; (piece = await within(reader.some(), 'the server did not close', TIMEOUT_MS)); ) pieces.push(piece);
    return Buffer.concat(pieces);
  } finally {
    socket.destroy();
  }
}

class Stream {
  text = '';

  constructor(socket, head, pieces) {
    Object.assign(this, head);
    this.socket = socket;
    this.pieces = pieces;
  }

  async *chunks() {
    for (;;) {
      const { value, done } = await within(this.pieces.next(), 'nothing more arrived', TIMEOUT_MS);
      if (done) return;
      this.text += value.toString();
      yield { data: value, at: performance.now() };
    }
  }

  async read(pattern) {
    const matches = () => (typeof pattern === 'string' ? this.text.includes(pattern) : pattern.test(this.text));
    if (matches()) return this.text;
    // Not for-await, which would end the generator at the return.
    const chunks = this.chunks();
    for (let piece = await chunks.next(); !piece.done; piece = await chunks.next()) if (matches()) return this.text;
    throw new Error(`the answer ended without ${pattern}: ${this.text.slice(-1000)}`);
  }

  close() {
    this.socket.destroy();
  }
}

async function exchange(options) {
  const socket = await connect(options);
  try {
    if (options.abortAfterBytes !== undefined) return await abort(socket, options);
    send(socket, options);
    const reader = new Reader(socket);
    const head = await readHead(reader);
    const pieces = [];
    for await (const piece of bodyPieces(reader, head, options.method)) pieces.push(piece);
    const body = Buffer.concat(pieces);
    return { ...head, body, text: body.toString(), get json() { return JSON.parse(this.text); } };
  } finally {
    socket.destroy();
  }
}

function connect({ site, host, plain, localAddress }) {
  const servername = hostOf(site, host).replace(/:\d+$/, '');
  const target = { host: site.connect, port: plain ? site.httpPort : site.port, localAddress };
  const socket = plain ? net.connect(target) : tls.connect({ ...target, ca: site.ca, servername, ALPNProtocols: ['http/1.1'] });
  return within(new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(plain ? 'connect' : 'secureConnect', () => {
      socket.off('error', reject);
      // Whoever reads learns of it: a refused upload must not hide the answer that refuses it.
      socket.on('error', () => {});
      resolve(socket);
    });
  }), `no connection to ${servername}`, TIMEOUT_MS);
}

function hostOf(site, host = new URL(site.origin).host) {
  return host.includes(':') ? host : `${host}:${site.port}`;
}

function headOf({ site, host, method = 'GET', path = '/', headers = {}, body = '', chunked, rawHead }) {
  if (rawHead !== undefined) return rawHead;
  const given = (Array.isArray(headers) ? headers : Object.entries(headers)).filter(([, value]) => value !== undefined);
  const named = new Set(given.map(([name]) => name.toLowerCase()));
  const own = [['Host', hostOf(site, host)], ['Connection', 'close']];
  if (chunked) own.push(['Transfer-Encoding', 'chunked']);
  else if (body.length || method === 'POST') own.push(['Content-Length', Buffer.byteLength(body)]);
  const all = [...own.filter(([name]) => !named.has(name.toLowerCase())), ...given];
  return `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

function bodyOf({ body = '', chunked }) {
  const content = Buffer.from(body);
  if (!chunked) return content;
  const size = chunked === true ? 4096 : chunked;
  const parts = [];
  for (let at = 0; at < content.length; at += size) {
    const part = content.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/* latin1, so that a test can send any byte in a head. */
function send(socket, options) {
  socket.write(Buffer.concat([Buffer.from(headOf(options), 'latin1'), bodyOf(options)]));
}

async function abort(socket, options) {
  const part = bodyOf(options).subarray(0, options.abortAfterBytes);
  const sent = new Promise((resolve) => socket.write(Buffer.concat([Buffer.from(headOf(options), 'latin1'), part]), resolve));
  await sent;
  return null;
}

/** Reads from a socket in the pieces in which it arrives. */
class Reader {
  #rest = Buffer.alloc(0);

  constructor(socket) {
    this.source = socket[Symbol.asyncIterator]();
  }

  /** What is there, at least a byte and at most `max`; null at the end. */
  async some(max = Infinity) {
    if (this.#rest.length === 0) {
      const { value, done } = await this.source.next().catch(() => ({ done: true }));
      if (done) return null;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  /** Everything up to and without the mark. */
  async until(mark, max) {
    let have = Buffer.alloc(0);
    for (;;) {
      const at = have.indexOf(mark);
      if (at >= 0) {
        this.#rest = Buffer.concat([have.subarray(at + mark.length), this.#rest]);
        return have.subarray(0, at).toString('latin1');
      }
      const part = await this.some();
      if (!part || have.length > max) throw new Error(`the connection ended after ${JSON.stringify(have.toString('latin1').slice(-200))}`);
      have = Buffer.concat([have, part]);
    }
  }
}

async function readHead(reader) {
  for (;;) {
    const [statusLine, ...lines] = (await reader.until('\r\n\r\n', HEAD_MAX_BYTES)).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]);
    if (!status) throw new Error(`not a status line: ${statusLine}`);
    if (status < 200) continue;
    const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
    const all = (name) => headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
    return { status, statusLine, headers, all, get: (name) => all(name)[0] };
  }
}

/** The body without its framing (RFC 9112 section 6.3), piece by piece. */
async function* bodyPieces(reader, head, method) {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return;
  const length = head.get('content-length');
  if (/chunked/i.test(head.get('transfer-encoding') ?? '')) yield* chunkedPieces(reader);
  else if (length !== undefined) yield* exactly(reader, Number(length));
  else for (let piece = await reader.some(); piece; piece = await reader.some()) yield piece;
}

async function* exactly(reader, length) {
  for (let left = length; left > 0;) {
    const piece = await reader.some(left);
    if (!piece) throw new Error(`the answer ended ${left} bytes early`);
    left -= piece.length;
    yield piece;
  }
}

async function* chunkedPieces(reader) {
  for (;;) {
    const size = parseInt(await reader.until('\r\n', 1024), 16);
    if (!(size >= 0)) throw new Error('not a chunk');
    yield* exactly(reader, size);
    if (size === 0) break;
    await reader.until('\r\n', 2);
  }
  while ((await reader.until('\r\n', HEAD_MAX_BYTES)) !== '');
}
