// A FastCGI 1.0 client: the web server's side of the responder role.
import net from 'node:net';

export const TYPE = {
  BEGIN_REQUEST: 1, ABORT_REQUEST: 2, END_REQUEST: 3, PARAMS: 4, STDIN: 5, STDOUT: 6, STDERR: 7,
  DATA: 8, GET_VALUES: 9, GET_VALUES_RESULT: 10, UNKNOWN_TYPE: 11,
};
export const ROLE = { RESPONDER: 1, AUTHORIZER: 2, FILTER: 3 };
export const PROTOCOL_STATUS = { REQUEST_COMPLETE: 0, CANT_MPX_CONN: 1, OVERLOADED: 2, UNKNOWN_ROLE: 3 };
const KEEP_CONN = 1;
const MAX_CONTENT = 65535;

/** One record, with `padding` bytes behind the content. */
export function record(type, id, content = Buffer.alloc(0), { padding = 0, version = 1 } = {}) {
  const header = Buffer.from([version, type, id >> 8, id & 255, content.length >> 8, content.length & 255, padding, 0]);
  return Buffer.concat([header, content, Buffer.alloc(padding)]);
}

export function beginRequest(id, { keep = false, role = ROLE.RESPONDER } = {}) {
  return record(TYPE.BEGIN_REQUEST, id, Buffer.from([role >> 8, role & 255, keep ? KEEP_CONN : 0, 0, 0, 0, 0, 0]));
}

/** A stream of records of one type, closed by an empty one unless `open`. */
export function stream(type, id, content, { recordSize = MAX_CONTENT, padding = 0, open = false } = {}) {
  const parts = [];
  for (let at = 0; at < content.length; at += recordSize)
    parts.push(record(type, id, content.subarray(at, at + recordSize), { padding }));
  if (!open) parts.push(record(type, id));
  return Buffer.concat(parts);
}

function encodeLength(length, forceLong) {
  if (length < 128 && !forceLong) return Buffer.from([length]);
  const long = Buffer.alloc(4);
  long.writeUInt32BE((length | 0x80000000) >>> 0);
  return long;
}

/** Name-value pairs; `long` encodes every length in four bytes, as the specification allows. */
export function encodePairs(pairs, { long = false } = {}) {
  const parts = [];
  for (const [name, value] of Array.isArray(pairs) ? pairs : Object.entries(pairs)) {
    const n = Buffer.from(String(name));
    const v = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
    parts.push(encodeLength(n.length, long), encodeLength(v.length, long), n, v);
  }
  return Buffer.concat(parts);
}

export function decodePairs(content) {
  const pairs = {};
  let at = 0;
  const length = () => {
    if (content[at] < 128) return content[at++];
    at += 4;
    return content.readUInt32BE(at - 4) & 0x7fffffff;
  };
  while (at < content.length) {
    const n = length();
    const v = length();
    pairs[content.toString('utf8', at, at + n)] = content.toString('utf8', at + n, at + n + v);
    at += n + v;
  }
  return pairs;
}

/** What came before the body: status and headers, repeated headers kept apart. */
export class Head {
  constructor(text) {
    this.raw = text;
    this.fields = text.split(/\r?\n/).filter(Boolean).map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`not a header line: ${JSON.stringify(line)}`);
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    this.status = Number.parseInt(this.get('status') ?? '200', 10);
  }

  all(name) {
    return this.fields.filter(([field]) => field === name.toLowerCase()).map(([, value]) => value);
  }

  get(name) {
    const values = this.all(name);
    return values.length ? values.join(', ') : undefined;
  }
}

/** A whole answer. */
export class Response extends Head {
  constructor(head, body, stderr, end) {
    super(head.raw);
    this.body = body;
    this.stderr = stderr;
    this.end = end;
  }

  get text() {
    return this.body.toString('utf8');
  }

  get json() {
    return JSON.parse(this.text);
  }
}

/** One request under way on a connection: `head`, then the body piece by piece, then `end`. */
export class Exchange {
  #chunks = [];
  #wake = [];
  #before = Buffer.alloc(0);
  #stderr = [];
  #finished = false;
  #failure = null;

  constructor(connection, id) {
    this.connection = connection;
    this.id = id;
    this.headParsed = null;
  }

  accept(type, content) {
    if (type === TYPE.STDERR) this.#stderr.push(content);
    else if (type === TYPE.STDOUT) this.#stdout(content);
    else if (type === TYPE.END_REQUEST) {
      this.end = { appStatus: content.readUInt32BE(0), protocolStatus: content[4] };
      this.#finished = true;
    }
    this.#notify();
  }

  fail(error) {
    if (this.#finished) return;
    this.#failure = error;
    this.#notify();
  }

  #stdout(content) {
    if (this.headParsed) {
      if (content.length) this.#chunks.push(content);
      return;
    }
    this.#before = Buffer.concat([this.#before, content]);
    const text = this.#before.toString('latin1');
    const blank = /\r?\n\r?\n/.exec(text);
    if (!blank) return;
    this.headParsed = new Head(text.slice(0, blank.index));
    const rest = this.#before.subarray(blank.index + blank[0].length);
    if (rest.length) this.#chunks.push(rest);
  }

  #notify() {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #until(condition) {
    while (!condition()) {
      if (this.#failure) throw this.#failure;
      await new Promise((resolve) => this.#wake.push(resolve));
    }
  }

  /** The head as soon as it is complete. */
  async head() {
    await this.#until(() => this.headParsed || this.#finished);
    if (!this.headParsed) throw new Error(`no complete header: ${JSON.stringify(this.#before.toString())}`);
    return this.headParsed;
  }

  /** The body's pieces in the order and size in which the application wrote them. */
  async *chunks() {
    for (;;) {
      await this.#until(() => this.#chunks.length || this.#finished);
      if (!this.#chunks.length) return;
      yield this.#chunks.shift();
    }
  }

  /** Waits for END_REQUEST, whether or not there was an answer. */
  async ended() {
    await this.#until(() => this.#finished);
    return this.end;
  }

  async response() {
    const head = await this.head();
    const body = [];
    for await (const chunk of this.chunks()) body.push(chunk);
    return new Response(head, Buffer.concat(body), Buffer.concat(this.#stderr).toString(), this.end);
  }

  abort() {
    this.connection.write(record(TYPE.ABORT_REQUEST, this.id));
  }
}

/** A connection to the application, raw (`write`) or by whole requests (`start`, `request`). */
export class Connection {
  #buffer = Buffer.alloc(0);
  #exchanges = new Map();
  #closed;

  constructor(socket) {
    this.socket = socket;
    this.records = [];
    socket.on('data', (data) => this.#receive(data));
    socket.on('error', (error) => { this.error = error; });
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        const cause = this.error ? ` (${this.error.code})` : '';
        for (const exchange of this.#exchanges.values())
          exchange.fail(new Error(`connection closed before END_REQUEST${cause}`));
        resolve();
      });
    });
  }

  /** `address` as for net.connect: {path} or {host, port}. */
  static open(address) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(address);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  #receive(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    while (this.#buffer.length >= 8) {
      const length = this.#buffer.readUInt16BE(4);
      const whole = 8 + length + this.#buffer[6];
      if (this.#buffer.length < whole) return;
      const [version, type] = this.#buffer;
      const id = this.#buffer.readUInt16BE(2);
      const content = Buffer.from(this.#buffer.subarray(8, 8 + length));
      this.#buffer = this.#buffer.subarray(whole);
      this.records.push({ version, type, id, length });
      const exchange = this.#exchanges.get(id);
      if (exchange) exchange.accept(type, content);
      else this.records[this.records.length - 1].content = content;
      if (type === TYPE.END_REQUEST) this.#exchanges.delete(id);
    }
  }

  write(...buffers) {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(buffers));
  }

  /** Registers a request that is written by hand. */
  expect(id = 1) {
    const exchange = new Exchange(this, id);
    if (this.socket.destroyed) exchange.fail(new Error('connection closed'));
    else this.#exchanges.set(id, exchange);
    return exchange;
  }

  start({ id = 1, params, body = Buffer.alloc(0), keep = false, role, long, paramsRecord, stdinRecord, padding } = {}) {
    const exchange = this.expect(id);
    const content = Buffer.isBuffer(params) ? params : encodePairs(params, { long });
    this.write(
      beginRequest(id, { keep, role }),
      stream(TYPE.PARAMS, id, content, { recordSize: paramsRecord, padding }),
      stream(TYPE.STDIN, id, Buffer.from(body), { recordSize: stdinRecord, padding }),
    );
    return exchange;
  }

  request(options) {
    return within(this.start(options).response());
  }

  closed() {
    return within(this.#closed, 'the application did not close the connection');
  }

  close() {
    this.socket.destroy();
  }
}

/** One request on a connection of its own. */
export async function request(address, options) {
  const connection = await Connection.open(address);
  try {
    return await connection.request(options);
  } finally {
    connection.close();
  }
}

const PATIENCE = 45_000;

/** Turns a wait without end into a failure that says so. */
export function within(promise, message = 'no answer', ms = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
