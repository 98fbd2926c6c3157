// The page and its files, as browsers load and keep them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fetchAll, fetchRaw } from '../../lib/https-client.mjs';
import { BUILD } from '../../lib/program.mjs';
import { Visitor } from '../lib/visitor.mjs';

// The second is what it was called before RFC 9239, and still is in nginx.
const TYPES = { '.js': ['text/javascript', 'application/javascript'], '.css': ['text/css'], '.svg': ['image/svg+xml'] };

/** What the page's HTML refers to, resolved as browsers do it: against the base, and that against the page. */
function addresses(html, pageUrl) {
  const base = new URL(/<base href="([^"]*)">/.exec(html)[1], pageUrl);
  return [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css|svg))"/g)].map(([, url]) => new URL(url, base));
}

async function assets(site) {
  const { text } = await new Visitor(site).get('/');
  const found = addresses(text, `${site.chat}/`);
  assert.deepEqual([...new Set(found.map(({ pathname }) => path.extname(pathname)))].sort(), ['.css', '.js', '.svg']);
  return found;
}

const fileOf = (site, url) => readFileSync(path.join(BUILD, 'www', url.pathname.slice(new URL(site.chat).pathname.replace(/\/$/, '').length)));
const load = (site, url, options) => fetchRaw({ site, path: url.pathname, ...options });

export const page = {
  async 'every address of the page answers the page, with its base'({ site, mount }) {
    for (const route of ['/', '/signin', '/signup', '/signin?next=%2F']) {
      const answer = await new Visitor(site).get(route);
      assert.equal(answer.status, 200, route);
      assert.match(answer.get('content-type'), /^text\/html; ?charset=utf-8$/i);
      assert.ok(answer.text.includes(`<base href="${mount}/">`), route);
      assert.equal(answer.get('cache-control'), 'no-cache');
      assert.match(answer.get('content-security-policy'), /default-src/);
      assert.equal(answer.get('strict-transport-security'), 'max-age=31536000');
      assert.equal(answer.get('x-content-type-options'), 'nosniff');
    }
  },

  async 'everything that the page refers to loads, from where the base says'({ site, what, see }) {
    for (const url of await assets(site)) {
      assert.ok(url.href.startsWith(`${site.chat}/assets/`), url.href);
      const answer = await load(site, url);
      assert.equal(answer.status, 200, url.href);
      assert.ok(answer.body.equals(fileOf(site, url)), url.href);
      assert.ok(TYPES[path.extname(url.pathname)].includes(answer.get('content-type').replace(/;.*/, '')), answer.get('content-type'));
      assert.equal(answer.get('x-content-type-options'), 'nosniff');
      // behest-fcgi's own answers have a request id.
      assert.equal(answer.get('x-request-id') ? 'behest-fcgi' : 'web server', what.staticBy);
    }
    see('static', what.staticBy);
  },

  async 'compressed for whoever takes it, and only then'({ site }) {
    for (const url of await assets(site)) {
      const answer = await load(site, url, { headers: { 'accept-encoding': 'br;q=0.1, gzip' } });
      assert.equal(answer.get('content-encoding'), 'gzip', url.href);
      assert.match(answer.get('vary'), /accept-encoding/i);
      assert.ok(gunzipSync(answer.body).equals(fileOf(site, url)), url.href);
      for (const accepted of [undefined, 'identity', 'gzip;q=0']) {
        const plain = await load(site, url, { headers: { 'accept-encoding': accepted } });
        assert.equal(plain.get('content-encoding'), undefined, `${url.href} ${accepted}`);
        assert.ok(plain.body.equals(fileOf(site, url)));
      }
    }
  },

  async 'kept for good, since the name changes with the content'({ site }) {
    for (const url of await assets(site)) {
      const values = (await load(site, url)).all('cache-control').join(', ');
      assert.match(values, /max-age=31536000/);
      assert.match(values, /immutable/);
      assert.doesNotMatch(values, /no-|private/);
    }
    const missing = await new Visitor(site).get('/assets/main-00000000.js');
    assert.equal(missing.status, 404);
    assert.doesNotMatch(missing.get('cache-control') ?? '', /immutable|max-age=[1-9]/);
  },

  async 'what a browser has is not sent again'({ site, mount }) {
    const urls = [new URL(`${site.chat}/`), ...await assets(site)];
    for (const encoding of [undefined, 'gzip']) {
      for (const url of urls) {
        const first = await load(site, url, { headers: { 'accept-encoding': encoding } });
        const etag = first.get('etag');
        assert.ok(etag, `${url.href} has no ETag`);
        const headers = { 'accept-encoding': encoding, 'if-none-match': etag };
        const again = await load(site, url, { headers });
        assert.equal(again.status, 304, url.href);
        assert.match(again.statusLine, /^HTTP\/1\.1 304 Not Modified$/);
        const changed = await load(site, url, { headers: { ...headers, 'if-none-match': '"another"' } });
        assert.equal(changed.status, 200);
        assert.ok(changed.body.equals(first.body));
      }
    }
    const [head, rest] = await pipelined(site, 'GET', `${mount}/`, { 'If-None-Match': '*' });
    assert.match(head, /^HTTP\/1\.1 (304|200) /);
    if (head.startsWith('HTTP/1.1 304')) checkNothingBetween(head, rest, 'a 304');
  },

  async 'HEAD answers what GET does, without the body'({ site, mount }) {
    const urls = [new URL(`${site.chat}/`), new URL(`${site.chat}/healthz`), ...await assets(site)];
    for (const url of urls) {
      const got = await load(site, url);
      const asked = await load(site, url, { method: 'HEAD' });
      assert.equal(asked.status, got.status, url.href);
      // Apache calls a tag weak as long as the file is younger than a second or two.
      const value = (answer, name) => answer.get(name)?.replace(/^W\//, '');
      for (const name of ['content-type', 'etag', 'cache-control']) assert.equal(value(asked, name), value(got, name), `${url.href} ${name}`);
      if (asked.get('content-length')) assert.equal(Number(asked.get('content-length')), got.body.length, url.href);
      const [head, rest] = await pipelined(site, 'HEAD', url.pathname);
      assert.match(head, /^HTTP\/1\.1 200 /);
      checkNothingBetween(head, rest, url.href);
    }
    const [head, rest] = await pipelined(site, 'HEAD', `${mount}/nothing`);
    assert.match(head, /^HTTP\/1\.1 404 /);
    checkNothingBetween(head, rest, 'a 404');
  },

  async 'plain HTTP leads to HTTPS, with path and query'({ site, mount }) {
    for (const route of ['/', '/signin?next=a%20b&c=d']) {
      const answer = await fetchRaw({ site, plain: true, path: mount + route });
      assert.ok([301, 308].includes(answer.status), String(answer.status));
      assert.equal(answer.get('location'), site.chat + route);
      assert.equal(answer.all('set-cookie').length, 0);
    }
    const login = await fetchRaw({ site, plain: true, method: 'POST', path: `${mount}/api/_internal/method/_system.session.init`,
      headers: { 'content-type': 'application/json' }, body: '{"args":{}}' });
    assert.ok([301, 308, 403, 405].includes(login.status), `a method over plain HTTP: ${login.status}`);
  },

  async 'the mount without its slash leads to the page'({ site, mount }) {
    const answer = await fetchRaw({ site, path: mount || '/' });
    if (answer.status === 200) assert.ok(answer.text.includes(`<base href="${mount}/">`));
    else {
      assert.ok([301, 302, 307, 308].includes(answer.status), String(answer.status));
      assert.equal(new URL(answer.get('location'), site.origin).href, `${site.chat}/`);
    }
  },
};

/** Sends a request and, on the same connection, one for /healthz: [head of the first answer, what follows it]. */
async function pipelined(site, method, target, headers = {}) {
  const lines = Object.entries({ Host: new URL(site.origin).host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const healthz = `${new URL(`${site.chat}/healthz`).pathname}`;
  const rawHead = `${method} ${target} HTTP/1.1\r\n${lines}\r\nGET ${healthz} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`;
  const text = (await fetchAll({ site, rawHead })).toString('latin1');
  const end = text.indexOf('\r\n\r\n') + 4;
  return [text.slice(0, end), text.slice(end)];
}

/** The next answer follows the head at once, or the connection is closed and nothing does. */
function checkNothingBetween(head, rest, what) {
  if (/^connection: close\r$/im.test(head)) assert.equal(rest, '', what);
  else assert.match(rest, /^HTTP\/1\.1 200 /, what);
}
