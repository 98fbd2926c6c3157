// A browser as the application sees it: its own address, its own cookies.
import { request } from './fastcgi.mjs';
import { cgiParams } from './cgi.mjs';

let addresses = 0;
/** An address (RFC 2544's range) that no other client of this process has, hence with rate limits of its own. */
export function freshAddress() {
  addresses++;
  return `198.18.${(addresses >> 8) & 255}.${addresses & 255}`;
}

let names = 0;
export function freshEmail() {
  return `person-${process.pid}-${++names}@example.org`;
}

/** A refused method call. */
export class CallError extends Error {
  constructor(response) {
    super(`${response.status}: ${response.text}`);
    this.response = response;
    this.status = response.status;
    this.code = response.get('x-modelence-error-code');
  }
}

export class Client {
  constructor(address, { remoteAddr = freshAddress(), https = false, host = 'chat.example.org', mount = '', server,
    headers = {} } = {}) {
    Object.assign(this, { address, remoteAddr, https, host, mount, server, headers });
    this.cookies = new Map();
  }

  /** The origin that this client's pages have. */
  get origin() {
    return `${this.https ? 'https' : 'http'}://${this.host}`;
  }

  params(method, path, { query, headers = {}, length, extra } = {}) {
    const all = { ...this.headers, ...headers };
    if (this.cookies.size && !('cookie' in all))
      all.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const { https, host, remoteAddr, mount, server } = this;
    return cgiParams({ method, path, query, headers: all, length, extra, https, host, remoteAddr, mount, server });
  }

  /** Any request; `connection` sends it over a kept connection. */
  async request(method, path, { body = '', connection, length, ...rest } = {}) {
    const content = Buffer.from(body);
    const params = this.params(method, path, { ...rest, length: length ?? (content.length || undefined) });
    const response = connection
      ? await connection.request({ params, body: content, keep: true })
      : await request(this.address, { params, body: content });
    this.#keepCookies(response);
    return response;
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  /** A method call whose whole answer is of interest. */
  post(method, body = { args: {} }, { headers = {}, ...rest } = {}) {
    return this.request('POST', `/api/_internal/method/${method}`, {
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
      ...rest,
    });
  }

  /** A method call whose result is of interest; a refusal is thrown as a CallError. */
  async call(method, args = {}, options) {
    const response = await this.post(method, { args }, options);
    if (response.status !== 200) throw new CallError(response);
    return response.json.data;
  }

  signUp({ email = freshEmail(), password = 'correct horse', ...rest } = {}) {
    this.email = email;
    this.password = password;
    return this.call('_system.user.signupWithPassword', { email, password, ...rest });
  }

  signIn(email = this.email, password = this.password) {
    return this.call('_system.user.loginWithPassword', { email, password });
  }

  /** A new account, signed in; answers the user's id. */
  async join(options) {
    this.id = await this.signUp(options);
    await this.signIn();
    return this.id;
  }

  #keepCookies(response) {
    for (const line of response.all('set-cookie')) {
      const [pair, ...attributes] = line.split(';');
      const [name, value] = [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()];
      if (attributes.some((attribute) => /^\s*max-age=(0|-\d+)\s*$/i.test(attribute))) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

/** The arguments with which a client signs in. */
export function credentials({ email, password }) {
  return { email, password };
}

/** A Set-Cookie line as {name, value, attributes}, attribute names in lower case. */
export function parseSetCookie(line) {
  const [pair, ...rest] = line.split(';').map((part) => part.trim());
  const attributes = {};
  for (const part of rest) {
    const [name, value = true] = part.split('=');
    attributes[name.toLowerCase()] = value;
  }
  const equals = pair.indexOf('=');
  return { name: pair.slice(0, equals), value: pair.slice(equals + 1), attributes };
}
