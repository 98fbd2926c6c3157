// The files of CHAT_WWW: types, caching, compression.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { INDEX, startApp } from '../lib/app.mjs';

const app = await startApp();
after(() => app.stop());
const site = path.join(app.folder, 'www');
const client = app.client();
const GZIP = { headers: { 'accept-encoding': 'gzip, deflate, br' } };
const SCRIPT = '/assets/app-3F2A9C1D.js';

describe('types', () => {
  for (const [file, type] of [
    ['/', /^text\/html; ?charset=utf-8$/i],
    ['/assets/app-3F2A9C1D.js', /^(text|application)\/javascript/],
    ['/assets/app-3F2A9C1D.css', /^text\/css/],
    ['/assets/mark-0011AABB.svg', /^image\/svg\+xml/],
    ['/assets/text-0011AABB.woff2', /^font\/woff2$/],
    ['/favicon.ico', /^image\/(x-icon|vnd\.microsoft\.icon)$/],
    ['/manifest.webmanifest', /^application\/manifest\+json/],
    ['/robots.txt', /^text\/plain/],
  ]) {
    test(file, async () => {
      const response = await client.get(file);
      assert.equal(response.status, 200);
      assert.match(response.get('content-type'), type);
      assert.deepEqual(response.body, readFileSync(path.join(site, file === '/' ? 'index.html' : file)));
    });
  }
});

test("the page's routes answer the index", async () => {
  for (const route of ['/', '/signin', '/signup', '/c/0b9d4c5e-8f0a-4c3e-9a53-6b9f1d2e7c11', `/c/${'x'.repeat(128)}`]) {
    const response = await client.get(route);
    assert.equal(response.status, 200, route);
    assert.equal(response.text, INDEX, route);
  }
});

test('what is not there is a 404', async () => {
  for (const file of ['/nothing', '/assets/nothing.js', '/signin/', '/signin/more', '/index.html/', '/favicon.ico/more', '/assets',
    '/assets/', '/Favicon.ico', '/c', '/c/', '/c/a/b', '/c/.hidden', '/c/a%20b', `/c/${'x'.repeat(129)}`]) {
    const response = await client.get(file);
    assert.equal(response.status, 404, file);
    assert.equal(response.get('etag'), undefined);
    assert.doesNotMatch(response.get('cache-control') ?? '', /immutable/);
  }
});

test('a query does not matter', async () => {
  assert.equal((await client.get('/favicon.ico', { query: 'v=../../x' })).status, 200);
});

test('hashed names are cached for good, the index is asked for each time', async () => {
  assert.match((await client.get(SCRIPT)).get('cache-control'), /^(?=.*\bmax-age=31536000\b)(?=.*\bimmutable\b)(?=.*\bpublic\b)/);
  for (const route of ['/', '/signin', '/favicon.ico']) {
    const control = (await client.get(route)).get('cache-control');
    assert.ok(control && !/immutable/.test(control), `${route}: ${control}`);
  }
  assert.match((await client.get('/')).get('cache-control'), /no-cache/);
});

describe('ETag', () => {
  test('a file that is known is a 304', async () => {
    const first = await client.get(SCRIPT);
    const etag = first.get('etag');
    assert.match(etag, /^(W\/)?"[^"]+"$/);
    const second = await client.get(SCRIPT, { headers: { 'if-none-match': etag } });
    assert.equal(second.status, 304);
    assert.equal(second.body.length, 0);
    assert.equal(second.get('etag'), etag);
    assert.equal(second.get('cache-control'), first.get('cache-control'));
    assert.equal(second.get('content-encoding'), undefined);
  });
  test('in a list, weak, or any', async () => {
    const etag = (await client.get('/')).get('etag');
    for (const known of [`"other", ${etag}`, `${etag},"x"`, `W/${etag.replace(/^W\//, '')}`, '*'])
      assert.equal((await client.get('/', { headers: { 'if-none-match': known } })).status, 304, known);
    for (const known of ['"other"', '', `"x${etag.replace(/"/g, '')}"`, etag.replace(/"/g, '')])
      assert.equal((await client.get('/', { headers: { 'if-none-match': known } })).status, 200, known);
  });
  test('changes with the content', async () => {
    const file = path.join(site, 'robots.txt');
    const before = (await client.get('/robots.txt')).get('etag');
    writeFileSync(file, 'User-agent: x\n');
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    const response = await client.get('/robots.txt', { headers: { 'if-none-match': before } });
    assert.equal(response.status, 200);
    assert.equal(response.text, 'User-agent: x\n');
    assert.notEqual(response.get('etag'), before);
  });
  test('plain and compressed are two things', async () => {
    const [plain, gzip] = [await client.get(SCRIPT), await client.get(SCRIPT, GZIP)];
    assert.notEqual(plain.get('etag'), gzip.get('etag'));
  });
});

describe('gzip', () => {
  test('of a file with a .gz beside it', async () => {
    for (const file of [SCRIPT, '/', '/signin']) {
      const response = await client.get(file, GZIP);
      assert.equal(response.get('content-encoding'), 'gzip', file);
      assert.match(response.get('vary') ?? '', /accept-encoding/i);
      const plain = await client.get(file);
      assert.deepEqual(gunzipSync(response.body), plain.body);
      assert.equal(response.get('content-type'), plain.get('content-type'));
      assert.equal(plain.get('content-encoding'), undefined);
      assert.match(plain.get('vary') ?? '', /accept-encoding/i);
    }
  });
  test('of no other file', async () => {
    const response = await client.get('/favicon.ico', GZIP);
    assert.equal(response.get('content-encoding'), undefined);
    assert.equal(response.text, 'icon');
  });
  test('only for those who take it', async () => {
    for (const accepted of ['identity', 'br', 'gzip;q=0', 'gzip;q=0.0', 'gzip; q=0', 'x-gzipped']) {
      const response = await client.get(SCRIPT, { headers: { 'accept-encoding': accepted } });
      assert.equal(response.get('content-encoding'), undefined, accepted);
    }
    for (const accepted of ['gzip', 'GZIP', 'br;q=1, gzip;q=0.5', 'deflate,gzip'])
      assert.equal((await client.get(SCRIPT, { headers: { 'accept-encoding': accepted } })).get('content-encoding'), 'gzip',
        accepted);
  });
});

test('HEAD has the length and no body', async () => {
  for (const file of ['/', SCRIPT]) {
    const get = await client.get(file);
    const head = await client.request('HEAD', file);
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    for (const field of ['content-type', 'content-length', 'etag', 'cache-control']) assert.equal(head.get(field), get.get(field),
      field);
  }
});

test('a large file arrives whole', async () => {
  const content = Buffer.alloc(1_500_000, 'abcdefghij');
  writeFileSync(path.join(site, 'assets', 'large-0011AABB.js'), content);
  assert.ok((await client.get('/assets/large-0011AABB.js')).body.equals(content));
});
