// Verbs, types, sizes: what the door lets through.
import { after, afterEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { healthy } from '../lib/program.mjs';
import { request } from '../lib/fastcgi.mjs';

const app = await startApp();
after(() => app.stop());
afterEach(async () => assert.ok(await healthy(app.address), 'the process lives on'));

const INIT = '/api/_internal/method/_system.session.init';
const JSON_TYPE = { 'content-type': 'application/json' };
const KIB64 = 64 * 1024;

function bodyOf(bytes) {
  const empty = JSON.stringify({ args: { pad: '' } }).length;
  return JSON.stringify({ args: { pad: 'x'.repeat(bytes - empty) } });
}

function isSentence(response) {
  assert.match(response.get('content-type'), /^text\/plain(; charset=utf-8)?$/);
  assert.match(response.text, /^[A-Z][^{}]{6,}$/);
}

describe('unknown', () => {
  for (const method of ['no.such', '_system.session', '_system.session.init.more', 'BEHEST.MINT', '', 'behest.mint/', '../healthz',
    'a'.repeat(500), '%3Cscript%3E']) {
    test(`method ${JSON.stringify(method.slice(0, 40))}`, async () => {
      const response = await app.client().post(method);
      assert.ok(method.includes('..') ? [400, 404].includes(response.status) : response.status === 404, String(response.status));
      isSentence(response);
      assert.ok(!response.text.includes('<script>'));
    });
  }
  test('route below /api/', async () => {
    for (const path of ['/api/', '/api/unknown', '/api/_internal/', '/api/behest/', '/api/behest/tokens'])
      assert.equal((await app.client().get(path)).status, 404, path);
  });
});

describe('wrong verb', () => {
  for (const [verb, path, allowed] of [
    ['GET', INIT, ['POST']],
    ['HEAD', INIT, ['POST']],
    ['PUT', INIT, ['POST']],
    ['DELETE', INIT, ['POST']],
    ['GET', '/api/behest/token', ['POST']],
    ['PATCH', '/api/behest/token', ['POST']],
    ['POST', '/healthz', ['GET', 'HEAD']],
    ['POST', '/', ['GET', 'HEAD']],
    ['DELETE', '/assets/app-3F2A9C1D.js', ['GET', 'HEAD']],
    ['BREW', '/signin', ['GET', 'HEAD']],
    ['post', INIT, ['POST']],
    ['', INIT, ['POST']],
  ]) {
    test(`${verb || 'none'} ${path}`, async () => {
      const response = await app.client().request(verb, path, { headers: JSON_TYPE,
        body: verb === 'GET' || verb === 'HEAD' ? '' : '{"args":{}}' });
      assert.equal(response.status, 405);
      const named = response.get('allow').split(/,\s*/);
      for (const verbName of allowed) assert.ok(named.includes(verbName), `Allow: ${named}`);
      for (const other of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'])
        if (!allowed.includes(other)) assert.ok(!named.includes(other), `Allow: ${named}`);
    });
  }
});

describe('content type', () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON',
    'application/json;charset=UTF-8']) {
    test(`${type}: taken`, async () => {
      const response = await app.client().post('_system.session.init', { args: {} }, { headers: { 'content-type': type } });
      assert.equal(response.status, 200);
    });
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp',
    'application/json5',
    'application', 'text/plain; application/json', 'application/ld+json', '', '\u0000']) {
    test(`${JSON.stringify(type)}: 415`, async () => {
      const response = await app.client().post('_system.session.init', { args: {} }, { headers: { 'content-type': type } });
      assert.equal(response.status, 415);
      isSentence(response);
    });
  }
  test('none: 415', async () => {
    const response = await app.client().request('POST', INIT, { body: '{"args":{}}' });
    assert.equal(response.status, 415);
  });
});

describe('size', () => {
  test('64 KiB: taken', async () => {
    const response = await app.client().post('_system.session.init', bodyOf(KIB64));
    assert.equal(response.status, 200, response.text);
  });
  for (const bytes of [KIB64 + 1, 200_000, 3_000_000]) {
    test(`${bytes} bytes: 413`, async () => {
      const response = await app.client().post('_system.session.init', bodyOf(bytes));
      assert.equal(response.status, 413);
      isSentence(response);
    });
  }
  test('announced as huge, nothing sent: 413', async () => {
    const response = await app.client().post('_system.session.init', '', { length: '99999999999999999999999' });
    assert.equal(response.status, 413);
  });
  test('over 64 KiB with no length announced: 413', async () => {
    const response = await app.client().post('_system.session.init', bodyOf(KIB64 + 1), { length: '' });
    assert.equal(response.status, 413);
  });
});

describe('length', () => {
  const body = JSON.stringify({ args: {} });
  for (const length of ['-1', '+11', 'abc', '1 1', '0x0b', '11,11', ' ', '1e1']) {
    test(`${JSON.stringify(length)}: 400`, async () => {
      const response = await app.client().post('_system.session.init', body, { length });
      assert.equal(response.status, 400);
      isSentence(response);
    });
  }
  test('more announced than sent: 400, and nothing was done', async () => {
    const args = JSON.stringify({ args: { email: 'short@example.org', password: 'correct horse' } });
    const response = await app.client().post('_system.user.signupWithPassword', args, { length: args.length + 1 });
    assert.equal(response.status, 400);
    isSentence(response);
    assert.deepEqual(app.sql('SELECT * FROM users'), []);
  });
  test('less announced than sent: 400', async () => {
    assert.equal((await app.client().post('_system.session.init', body, { length: body.length - 1 })).status, 400);
  });
  test('none announced, as web servers do for a chunked body: the whole body counts', async () => {
    const client = app.client();
    const path = INIT;
    const params = client.params('POST', path, { headers: JSON_TYPE });
    assert.equal('CONTENT_LENGTH' in params, false);
    assert.equal((await request(app.address, { params, body })).status, 200);
  });
});

describe('params', () => {
  const post = (params) => request(app.address, { params, body: '{"args":{}}' });
  const good = () => app.client().params('POST', INIT, { headers: JSON_TYPE, length: 11 });

  test('none at all', async () => {
    const response = await post({});
    assert.ok([400, 405].includes(response.status), String(response.status));
  });
  test('no method, no uri, no address, no host', async () => {
    for (const name of ['REQUEST_METHOD', 'REQUEST_URI', 'REMOTE_ADDR', 'HTTP_HOST', 'QUERY_STRING', 'SCRIPT_NAME', 'PATH_INFO',
      'SERVER_NAME']) {
      const params = good();
      delete params[name];
      const response = await post(params);
      assert.ok(response.status >= 200 && response.status < 500, `${response.status} without ${name}`);
    }
  });
  test('empty names, equals signs, repetitions', async () => {
    const pairs = [['', 'x'], ['=', '='], ['A=B', 'C'], ...Object.entries(good()), ['HTTP_X', 'a'], ['HTTP_X', 'b']];
    assert.equal((await post(pairs)).status, 200);
  });
  test('values that are not text', async () => {
    const params = { ...good(), HTTP_X: Buffer.from([0, 255, 254, 10, 13]),
      HTTP_COOKIE: Buffer.from('authToken=\xff\xfe; =; ;;authToken', 'latin1') };
    assert.equal((await post(params)).status, 200);
  });
  test('one of 100 KB, split over records, in both length encodings', async () => {
    const params = { ...good(), HTTP_X_BIG: 'y'.repeat(100_000) };
    for (const more of [{}, { paramsRecord: 1000, padding: 7 }, { long: true }])
      assert.equal((await request(app.address, { params, body: '{"args":{}}', ...more })).status, 200);
  });
  test('one of a megabyte is refused, and the operator is told', async () => {
    await assert.rejects(post({ ...good(), HTTP_X_BIG: 'y'.repeat(1 << 20) }));
    await app.seen(/level=warn msg="the web server sent what cannot be served"/);
    assert.equal((await post(good())).status, 200);
  });
  test('ten thousand', async () => {
    const params = { ...good(), ...Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`HTTP_X_${i}`, String(i)])) };
    assert.equal((await post(params)).status, 200);
  });
  test('a cookie of 100 KB', async () => {
    const params = { ...good(), HTTP_COOKIE: `a=${'b'.repeat(100_000)}; authToken=${'c'.repeat(43)}` };
    assert.equal((await post(params)).status, 200);
  });
  test('a path of 30 KB', async () => {
    const response = await app.client().get(`/${'p'.repeat(30_000)}`);
    assert.ok([400, 404, 413, 414].includes(response.status), String(response.status));
  });
});

test('HEAD has the headers of GET and no body', async () => {
  for (const path of ['/healthz', '/', '/nothing']) {
    const [get, head] = [await app.client().get(path), await app.client().request('HEAD', path)];
    assert.equal(head.status, get.status, path);
    assert.equal(head.body.length, 0, path);
    assert.equal(head.get('content-type'), get.get('content-type'), path);
  }
});

test('a Content-Length that is sent is the body’s', async () => {
  for (const response of [await app.client().get('/'), await app.client().get('/nothing'),
    await app.client().post('_system.session.init')]) {
    const length = response.get('content-length');
    if (length !== undefined) assert.equal(Number(length), response.body.length);
  }
});
