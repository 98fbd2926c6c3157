// Addresses as an attacker writes them: whatever the web server makes of one, it leads to no other handler and to no file outside.
import assert from 'node:assert/strict';
import { fetchRaw } from '../../lib/https-client.mjs';
import { REST_OF_THE_SITE } from '../../lib/servers/site.mjs';
import { METHODS, Visitor } from '../lib/visitor.mjs';
import { SECRET } from '../lib/sites.mjs';

const INIT = '_system.session.init';
const BODY = { headers: { 'content-type': 'application/json' }, body: '{"args":{}}' };
const REFUSED = [400, 403, 404, 405, 413, 414, 431];

/** What the server says; a connection that it closes without a word counts as 400. */
async function probe(options) {
  const answer = await fetchRaw(options).catch((error) => {
    if (!/the connection ended after ""/.test(error.message)) throw error;
    return { status: 400, statusLine: 'closed', text: '', get: () => undefined };
  });
  assert.ok(!answer.text.includes(SECRET), `${options.path} shows a file outside`);
  assert.ok(!answer.text.includes(options.site.folder), `${options.path} names a folder of the machine`);
  return answer;
}

/** Caddy's files have no other answer to a NUL than that. */
function isServersOwn500(answer, what) {
  return answer.status === 500 && /%00/.test(what) && answer.get('x-request-id') === undefined;
}

/** Refused, or led to the same site by a redirect, where the right spelling is asked for anew. */
function checkRefused(site, answer, what) {
  if ([301, 302, 307, 308].includes(answer.status))
    assert.ok(new URL(answer.get('location'), site.origin).href.startsWith(`${site.origin}/`), `${what} leads to ${answer.get('location')}`);
  else assert.ok(REFUSED.includes(answer.status) || isServersOwn500(answer, what), `${what}: ${answer.statusLine} ${answer.text.slice(0, 200)}`);
}

// Below the mount; the mount itself with a slash before it comes on top.
const wrongMethods = [
  `/${METHODS}${INIT}`, `//${METHODS}${INIT}`, `/api//_internal/method/${INIT}`,
  `/api%2f_internal/method/${INIT}`, `/api%2F_internal%2Fmethod%2F${INIT}`, `/%2fapi/_internal/method/${INIT}`, `%2fapi/_internal/method/${INIT}`,
  `/api%252f_internal/method/${INIT}`,
  `/api/./_internal/method/${INIT}`, `/api/x/../_internal/method/${INIT}`, `/assets/..${METHODS}${INIT}`, `/./${METHODS}${INIT}`,
  `/api/%2e/_internal/method/${INIT}`, `/api/x/%2e%2e/_internal/method/${INIT}`, `/assets/%2E%2e${METHODS}${INIT}`, `/assets/..%2fapi/_internal/method/${INIT}`,
  `/api/x/%252e%252e/_internal/method/${INIT}`,
  `/api\\_internal\\method\\${INIT}`, `/api%5c_internal%5cmethod%5c${INIT}`, `\\api/_internal/method/${INIT}`,
  `${METHODS}${INIT}%00`, `${METHODS}${INIT}/`, `${METHODS}${INIT}%2f`, `${METHODS}${INIT};a=b`, `${METHODS}${INIT}%20`, `${METHODS}${INIT}%0a`,
  `${METHODS}${INIT}%3fa`, `${METHODS}%c0%af${INIT}`, `${METHODS}x/../${INIT}`,
  `/API/_internal/method/${INIT}`, `/index.html${METHODS}${INIT}`, `/assets${METHODS}${INIT}`, `/healthz${METHODS}${INIT}`,
];

const wrongHealth = [
  '//healthz', '/healthz/', '/healthz%00', '/healthz%2f', '/%2fhealthz', '/healthz%3f', '/healthz;', '/healthz%0a', '/healthz\\', '/x/../healthz',
  '/x/%2e%2e/healthz', '/x/%252e%252e/healthz', '/./healthz', '/%2e/healthz', '/x/..%2fhealthz', '/assets/../healthz', '/healthz/.', '/healthz/x/..',
  '/%c0%afhealthz', '/HEALTHZ', '/healthz.html', '/index.html/healthz',
];

const escapes = [
  '/../secret.txt', '/assets/../../secret.txt', '/./../secret.txt', '/..', '/../', '/assets/..', '/../www/../secret.txt', '/../../secret.txt',
  '/%2e%2e/secret.txt', '/%2E%2E/secret.txt', '/.%2e/secret.txt', '/%2e./secret.txt', '/assets/%2e%2e/%2e%2e/secret.txt',
  '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/assets%2f..%2f..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt',
  '/..\\secret.txt', '/..%5csecret.txt', '/assets\\..\\..\\secret.txt', '/assets/..%5c..%5csecret.txt',
  '/%252e%252e/secret.txt', '/%252e%252e%252fsecret.txt', '/..%252fsecret.txt', '/%25%32%65%25%32%65/secret.txt',
  '/%c0%ae%c0%ae/secret.txt', '/%c0%ae%c0%ae%c0%afsecret.txt', '/%e0%80%ae%e0%80%ae/secret.txt', '/%uff0e%uff0e/secret.txt', '/%ef%bc%8e%ef%bc%8e/secret.txt',
  '/../secret.txt%00.js', '/assets/..%00/../secret.txt', '/%00/../secret.txt', '//../secret.txt', '///..///secret.txt', '/assets//..//..//secret.txt',
  '/..;/secret.txt', '/assets/..;/..;/secret.txt', '/.../secret.txt', '/..../secret.txt',
  // The classical slip of an alias without its slash, and of a prefix that is compared as text.
  '/assets../secret.txt', '/assets../index.html', '/assets..%2findex.html', '/assets../../secret.txt', '../secret.txt', '..%2fsecret.txt', '-other/secret.txt', '/assets/../../www-other/secret.txt',
  '/secret.txt', '/etc/not-for-you.txt', '/../etc/not-for-you.txt', '/assets/../../etc/not-for-you.txt', '/sbin/not-for-you.txt', '/chat.env', '/../etc/chat.env', '/etc/passwd', '//etc/passwd', '/%2fetc%2fpasswd', '/assets//etc/passwd', '/assets/%2fetc%2fpasswd',
  '/~root/', '/.htaccess', '/cgi-bin/', '/server-status', '/chat.fcgi', '/../chat.fcgi',
];

const unusual = [
  '/caf%C3%A9', '/caf\xc3\xa9', '/%F0%9F%98%80', '/%E2%80%AE/x', '/%ED%A0%80', '/%FF', '/\xff', '/%00', '/a%00b', '/%01', '/%7f', '/a%0d%0aX-Injected:%201',
  '/%', '/%2', '/%zz', '/%2e%', '/a b', '/assets/caf%C3%A9.js', '/assets/%00.js', '/assets/%FF.js', '/assets/', '/assets', '/assets%2f',
];

export const paths = {
  async 'a method has one address'({ site, mount }) {
    const targets = wrongMethods.map((target) => mount + target);
    if (mount) targets.push(`/${mount}${METHODS}${INIT}`, `${METHODS}${INIT}`, `/chatapi/_internal/method/${INIT}`, `/chat/..${METHODS}${INIT}`,
      `/chat%2fapi/_internal/method/${INIT}`, `/x/..${mount}${METHODS}${INIT}`, `/CHAT${METHODS}${INIT}`, `/chat%00${METHODS}${INIT}`, `/chat;${METHODS}${INIT}`);
    for (const path of targets) checkRefused(site, await probe({ site, method: 'POST', path, ...BODY }), path);
  },

  async 'so has the health check'({ site, mount }) {
    const targets = wrongHealth.map((target) => mount + target);
    if (mount) targets.push('/chat/../healthz', '/chat/%2e%2e/healthz', '/chat/..%2fhealthz', '/healthz', '/chat%2fhealthz', '/chathealthz');
    for (const path of targets) {
      const answer = await probe({ site, path });
      checkRefused(site, answer, path);
      assert.notEqual(answer.text, 'ok\n', path);
    }
  },

  async 'a letter in percent encoding is that letter (RFC 3986 section 6.2.2.2)'({ site, mount }) {
    const answer = await probe({ site, path: `${mount}/%68ealthz` });
    assert.equal(answer.text, 'ok\n');
    const person = new Visitor(site);
    assert.equal((await probe({ site, method: 'POST', path: `${person.mount}/%61pi/_internal/method/_system%2esession.init`, ...BODY })).status, 200);
  },

  async 'no address leads out of the folder of the page'({ site, mount }) {
    for (const target of escapes) {
      // Without a slash in front it goes right behind the mount; at the root that would not be an HTTP request.
      const path = mount || target.startsWith('/') ? mount + target : `/${target}`;
      const answer = await probe({ site, path });
      const isPublic = answer.status === 200 && (answer.text.includes(`<base href="${mount}/">`) || answer.text === REST_OF_THE_SITE);
      // A web server may resolve plain dots itself, and then only to what anybody may see.
      if (!(isPublic && /\.\.\/?$/.test(path))) checkRefused(site, answer, path);
    }
  },

  async 'what is no sound address is refused, and nothing else'({ site, mount }) {
    for (const target of unusual) {
      const answer = await probe({ site, path: mount + target });
      checkRefused(site, answer, JSON.stringify(target));
      assert.equal(answer.get('x-injected'), undefined);
    }
    assert.equal((await probe({ site, path: `${mount}/healthz` })).text, 'ok\n');
  },

  async 'a query changes nothing in where a request leads'({ site, mount }) {
    for (const query of ['/../../secret.txt', '//api/', '%00', '%2e%2e%2f', 'a=%FF', 'a=%C3%A9', 'a=caf\xc3\xa9', '?', 'a;b', '%zz', '../', '\\', 'a=<b>']) {
      const health = await probe({ site, path: `${mount}/healthz?${query}` });
      // A byte outside ASCII, raw, may be refused.
      if (health.status === 200 || !/[\x80-\xff%\\<]/.test(query)) assert.equal(health.text, 'ok\n', query);
      else assert.equal(health.status, 400, query);
      const call = await probe({ site, method: 'POST', path: `${mount}${METHODS}${INIT}?${query}`, ...BODY });
      assert.equal(call.status, health.status, query);
    }
  },

  async 'long addresses and headers pass or are refused, and harm nobody'({ site, mount }) {
    const long = (bytes) => 'a'.repeat(bytes);
    assert.equal((await probe({ site, path: `${mount}/healthz?${long(4000)}` })).status, 200);
    assert.equal((await probe({ site, path: `${mount}/healthz`, headers: { 'x-long': long(4000) } })).status, 200);
    for (const options of [{ path: `${mount}/healthz?${long(8192)}` }, { path: `${mount}/healthz`, headers: { 'x-long': long(8192) } },
      { path: `${mount}/healthz`, headers: { cookie: `a=${long(8192)}` } }]) {
      const answer = await probe({ site, ...options });
      assert.ok(answer.status === 200 || REFUSED.includes(answer.status), answer.statusLine);
      if (answer.status === 200) assert.equal(answer.text, 'ok\n');
    }
    checkRefused(site, await probe({ site, path: `${mount}/${long(8192)}` }), 'a long path');
    for (const bytes of [100_000, 400_000]) {
      for (const options of [{ path: `${mount}/healthz?${long(bytes)}` }, { path: `${mount}/healthz`, headers: { 'x-long': long(bytes) } }]) {
        const answer = await probe({ site, ...options });
        // What is over 192 KiB together the program does not read at all, and web servers say so in their own way.
        if (answer.status === 200) assert.equal(answer.text, 'ok\n');
        else assert.ok([...REFUSED, 502, 503].includes(answer.status), answer.statusLine);
      }
    }
    assert.equal((await probe({ site, path: `${mount}/healthz` })).text, 'ok\n');
  },
};
