// Who asks, and whether over TLS: seen rightly, and not to be talked out of.
import assert from 'node:assert/strict';
import { parseSetCookie } from '../../lib/client.mjs';
import { parseLogLine } from '../../lib/logfmt.mjs';
import { eventually } from '../../lib/program.mjs';
import { fetchRaw } from '../../lib/https-client.mjs';
import { Visitor, freshLoopback } from '../lib/visitor.mjs';

const ELSEWHERE = '203.0.113.5';
let probes = 0;

/** The address that the application notes for a request. */
async function clientAddress(site, localAddress, headers = {}) {
  const path = `/api/probe-${process.pid}-${++probes}`;
  await fetchRaw({ site, path: site.chat.slice(site.origin.length) + path, localAddress, headers });
  const found = await eventually(() => site.log().split('\n').find((text) => text.includes(`path=${path} `)), `${path} is not in the log`);
  return parseLogLine(found.slice(found.indexOf('time=')))?.client;
}

/** Whether the cookie of somebody who signs in is Secure. */
async function cookieIsSecure(person, headers = {}) {
  const answer = await person.signIn({ headers: { origin: undefined, 'sec-fetch-site': undefined, ...headers } });
  assert.equal(answer.status, 200, answer.text);
  return parseSetCookie(answer.get('set-cookie')).attributes.secure === true;
}

const SPOOFED = [
  {},
  { 'x-forwarded-for': ELSEWHERE },
  { 'x-forwarded-for': `${ELSEWHERE}, 127.0.0.1` },
  { x_forwarded_for: ELSEWHERE },
  { 'x-real-ip': ELSEWHERE },
  { forwarded: `for=${ELSEWHERE}` },
  { 'client-ip': ELSEWHERE, 'x-client-ip': ELSEWHERE, 'true-client-ip': ELSEWHERE, 'remote-addr': ELSEWHERE, remote_addr: ELSEWHERE },
];

export const clients = {
  async 'the client is who connects, whatever the headers say'({ site }) {
    for (const headers of SPOOFED) {
      const address = freshLoopback();
      assert.equal(await clientAddress(site, address, headers), address, JSON.stringify(headers));
    }
  },

  async 'a spoofed address does not get round the limit of sign-ins'({ site }) {
    const person = new Visitor(site);
    person.email = 'nobody@example.org';
    let last;
    for (let i = 0; i < 60 && last?.status !== 429; i++) last = await person.signIn({ headers: { 'x-forwarded-for': `203.0.113.${i}` } });
    assert.equal(last.status, 429);
    assert.match(last.get('retry-after'), /^[1-9]\d*$/);
    const other = new Visitor(site);
    other.email = person.email;
    assert.equal((await other.signIn()).status, 401, 'nor does it fall upon somebody else');
  },
};

/** For a site that trusts the proxies of PROXY_NETWORK, and that has not been told its address. */
export const proxied = {
  async 'a trusted proxy names the client'({ site }) {
    for (const [from, header, expected] of [
      ['127.30.0.1', ELSEWHERE, ELSEWHERE],
      ['127.30.0.1', `1.1.1.1, ${ELSEWHERE}`, ELSEWHERE],
      ['127.30.7.7', `1.1.1.1, ${ELSEWHERE}, 127.30.0.1`, ELSEWHERE],
      ['127.30.0.1', '2001:db8::7', '2001:db8::7'],
      ['127.30.0.1', undefined, '127.30.0.1'],
    ]) assert.equal(await clientAddress(site, from, { 'x-forwarded-for': header }), expected, `${from} says ${header}`);
  },

  async 'anybody else does not'({ site }) {
    for (const headers of SPOOFED) {
      const address = freshLoopback();
      assert.equal(await clientAddress(site, address, headers), address, JSON.stringify(headers));
    }
  },

  async 'HTTPS is what the web server has, unless a trusted proxy had something else'({ site }) {
    const person = new Visitor(site);
    await person.call('_system.user.signupWithPassword', { email: (person.email = 'somebody@example.org'), password: 'correct horse' },
      { headers: { origin: undefined, 'sec-fetch-site': undefined } });
    assert.equal(await cookieIsSecure(person), true);
    assert.equal(await cookieIsSecure(person, { 'x-forwarded-proto': 'http' }), true);
    person.address = '127.30.0.1';
    assert.equal(await cookieIsSecure(person, { 'x-forwarded-proto': 'https' }), true);
    assert.equal(await cookieIsSecure(person, { 'x-forwarded-proto': 'http' }), false);
  },
};
