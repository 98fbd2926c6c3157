// A person at a started site: an address of their own on the loopback network, cookies, and the headers that browsers send.
import assert from 'node:assert/strict';
import { fetchRaw } from '../../lib/https-client.mjs';
import { freshEmail, parseSetCookie } from '../../lib/client.mjs';

export const PASSWORD = 'correct horse';
export const METHODS = '/api/_internal/method/';

let addresses = 0;
/** An address on the loopback network that nobody else in this process has: rate limits of its own. */
export function freshLoopback() {
  addresses++;
  return `127.20.${addresses >> 8}.${(addresses & 255) || 1}`;
}

export class Visitor {
  constructor(site, { address = freshLoopback(), headers = {} } = {}) {
    Object.assign(this, { site, address, headers });
    this.mount = site.chat.slice(site.origin.length);
    this.cookies = new Map();
  }

  /** A request below the site's mount; what the server answers, redirects too. */
  async request(method, path, { headers = {}, ...rest } = {}) {
    const all = { ...this.headers, ...headers };
    if (this.cookies.size && !('cookie' in all))
      all.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetchRaw({ site: this.site, method, path: this.mount + path, headers: all,
      localAddress: this.address, ...rest });
    if (answer) this.#keepCookies(answer);
    return answer;
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  /** A method call as a page of the site makes it; `body` goes as it is when it is text or bytes. */
  post(method, body = { args: {} }, { headers = {}, ...rest } = {}) {
    return this.request('POST', METHODS + method, {
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', origin: this.site.origin, 'sec-fetch-site': 'same-origin', ...headers },
      ...rest,
    });
  }

  /** A method call that has to succeed; its result. */
  async call(method, args = {}, options) {
    const answer = await this.post(method, { args }, options);
    assert.equal(answer.status, 200, `${method}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text).data;
  }

  /** A new account; answers its id. */
  signUp(email = freshEmail()) {
    this.email = email;
    return this.call('_system.user.signupWithPassword', { email, password: PASSWORD });
  }

  signIn(options) {
    return this.post('_system.user.loginWithPassword', { args: { email: this.email, password: PASSWORD } }, options);
  }

  /** A new account, signed in. */
  async join() {
    this.id = await this.signUp();
    const answer = await this.signIn();
    assert.equal(answer.status, 200, answer.text);
    return this;
  }

  /** The user that the site takes this visitor for, null for nobody. */
  async recognized() {
    return (await this.call('_system.session.init')).session.userId;
  }

  async token() {
    return (await this.call('behest.mint')).token;
  }

  #keepCookies(answer) {
    for (const line of answer.all('set-cookie')) {
      const { name, value, attributes } = parseSetCookie(line);
      if (Number(attributes['max-age']) <= 0) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}
