// Request bodies: none, in chunks, as large as they may be, larger, and broken off.
import assert from 'node:assert/strict';
import { sql } from '../../lib/app.mjs';
import { freshEmail } from '../../lib/client.mjs';
import { question } from '../../lib/gateway.mjs';
import { ask } from '../lib/gateway.mjs';
import { METHODS, PASSWORD, Visitor } from '../lib/visitor.mjs';

const METHOD_MAX = 64 * 1024;
const COMPLETION_MAX = 1024 * 1024;
/** More than every shipped configuration lets through. */
const FAR_TOO_LARGE = 8 * 1024 * 1024;
/** More requests than behest-fcgi has threads. */
const BROKEN_OFF = 24;

/** JSON of exactly so many bytes. */
function padded(value, bytes) {
  const text = JSON.stringify(value);
  return text + ' '.repeat(bytes - Buffer.byteLength(text));
}

const answersInit = (answer) => {
  assert.equal(answer.status, 200, `${answer.statusLine} ${answer.text}`);
  assert.ok(JSON.parse(answer.text).data.session);
};

export const bodies = {
  async 'none'({ site }) {
    const person = new Visitor(site);
    const answer = await person.post('_system.session.init', '');
    assert.equal(answer.status, 400, answer.text);
    assert.doesNotMatch(answer.text, /<html/i);
    // RFC 9112 section 6.3: without Content-Length there is none.
    const unannounced = await person.post('_system.session.init', '', { rawHead: `POST ${person.mount}${METHODS}_system.session.init HTTP/1.1\r\n`
      + `Host: ${new URL(site.origin).host}\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n` });
    assert.ok([400, 411].includes(unannounced.status), unannounced.statusLine);
  },

  async 'in chunks'({ site, what, see }) {
    const person = new Visitor(site);
    for (const [bytes, chunked] of [[200, 1], [40_000, 1000], [METHOD_MAX, true]]) {
      const answer = await person.post('_system.session.init', padded({ args: {} }, bytes), { chunked });
      if (what.chunked === 200) answersInit(answer);
      else assert.equal(answer.status, what.chunked, answer.text);
    }
    see('chunked', what.chunked === 200 ? 'yes' : `no (${what.chunked})`);
  },

  async 'as large as a method takes, and a byte more'({ site }) {
    const person = new Visitor(site);
    answersInit(await person.post('_system.session.init', padded({ args: {} }, METHOD_MAX)));
    const over = await person.post('_system.session.init', padded({ args: {} }, METHOD_MAX + 1));
    assert.equal(over.status, 413, over.text);
    assert.equal(over.text, 'The request is too large: at most 64 KiB are accepted');
  },

  async 'larger than the web server takes'({ site, what }) {
    const send = (body, headers) => new Visitor(site).post('_system.session.init', body, { headers });
    // Who closes the connection with some of the body unread may take its own answer back with it: then the length alone is sent.
    const answer = await send(Buffer.alloc(FAR_TOO_LARGE, ' ')).catch(() => send('', { 'content-length': FAR_TOO_LARGE }));
    assert.equal(answer.status, what.bodyOver, answer.statusLine);
    answersInit(await new Visitor(site).post('_system.session.init'));
  },

  async 'broken off half way: nothing is done, and everyone else is served'({ site }) {
    const rows = () => sql(site.database, 'SELECT id FROM users ORDER BY id');
    const before = rows();
    const emails = Array.from({ length: BROKEN_OFF }, freshEmail);
    await Promise.all(emails.map((email, i) => {
      const body = JSON.stringify({ args: { email, password: PASSWORD } });
      return new Visitor(site).post('_system.user.signupWithPassword', body, {
        chunked: i % 2 === 1, abortAfterBytes: i % 3 === 0 ? 0 : body.length - 1 });
    }));
    await Promise.all(emails.map(async () => answersInit(await new Visitor(site).post('_system.session.init'))));
    assert.deepEqual(rows(), before);
  },
};

export const questions = {
  async 'as large as a question may be, and a byte more'({ site, upstream, see }) {
    const token = await (await new Visitor(site).join()).token();
    const before = upstream.requests.length;
    const whole = await ask(site, token, padded(question({ stream: true }), COMPLETION_MAX));
    assert.equal(whole.status, 200, whole.text);
    assert.equal(upstream.requests.length, before + 1);
    const over = await ask(site, token, padded(question({ stream: true }), COMPLETION_MAX + 1));
    assert.equal(over.status, 413, over.text);
    assert.equal(over.get('access-control-allow-origin'), site.origin, 'the page can read why');
    assert.equal(upstream.requests.length, before + 1);
    see('question', '1 MiB');
  },
};
