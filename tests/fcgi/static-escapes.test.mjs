// No path leads out of CHAT_WWW, however it is written.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { startApp } from '../lib/app.mjs';
import { temporaryFolder } from '../lib/program.mjs';
import { request } from '../lib/fastcgi.mjs';

const SECRET = 'the secret outside';
const folder = temporaryFolder();
const site = path.join(folder, 'www');
mkdirSync(path.join(site, 'sub'), { recursive: true });
mkdirSync(path.join(folder, 'www-other'));
writeFileSync(path.join(folder, 'secret.txt'), SECRET);
writeFileSync(path.join(folder, 'www-other', 'secret.txt'), SECRET);
writeFileSync(path.join(site, '.env'), SECRET);
writeFileSync(path.join(site, 'sub', '.hidden.js'), SECRET);
mkdirSync(path.join(site, '.git'));
writeFileSync(path.join(site, '.git', 'config'), SECRET);
symlinkSync('../secret.txt', path.join(site, 'link.txt'));
symlinkSync('..', path.join(site, 'up'));
symlinkSync(path.join(folder, 'secret.txt'), path.join(site, 'absolute.txt'));
spawnSync('mkfifo', [path.join(site, 'pipe.txt')]);

const app = await startApp({ folder });
after(() => app.stop());

const hidden = (response, what) => {
  assert.ok([400, 403, 404].includes(response.status), `${response.status} for ${what}`);
  assert.ok(!response.body.includes(SECRET), what);
  assert.ok(!response.body.includes(folder), `${what}: the answer names no folder of the machine`);
};

describe('as written in the request line', () => {
  for (const target of [
    '/../secret.txt', '/sub/../../secret.txt', '/./../secret.txt', '/..', '/../', '/sub/..', '/../www-other/secret.txt', '/../www/../secret.txt',
    '/%2e%2e/secret.txt', '/%2E%2E/secret.txt', '/.%2e/secret.txt', '/%2e./secret.txt', '/sub/%2e%2e/%2e%2e/secret.txt',
    '/..%2fsecret.txt', '/..%2Fsecret.txt', '/%2e%2e%2fsecret.txt', '/sub%2f..%2f..%2fsecret.txt', '/%2fetc%2fpasswd',
    '/..%5csecret.txt', '/..\\secret.txt', '/%5c..%5csecret.txt', '/sub\\..\\..\\secret.txt',
    '/%252e%252e/secret.txt', '/%252e%252e%252fsecret.txt', '/..%252fsecret.txt', '/%25%32%65%25%32%65/secret.txt',
    '/%c0%ae%c0%ae/secret.txt', '/%c0%ae%c0%ae%c0%afsecret.txt', '/%e0%80%ae%e0%80%ae/secret.txt', '/%uff0e%uff0e/secret.txt', '/%ff', '/%ef%bc%8e%ef%bc%8e/secret.txt',
    '/index.html%00.js', '/%00', '/../secret.txt%00.html', '/%0a', '/a%0d%0aX-Injected:%201', '/%7f',
    '//../secret.txt', '///..///secret.txt', '//etc/passwd', '/sub//../../secret.txt', '/...//secret.txt', '/..../secret.txt', '/..;/secret.txt', '/.. /secret.txt',
    '/%', '/%2', '/%zz', '/%2e%', '..', '../secret.txt', 'secret.txt', '*', 'http://chat.example.org/../secret.txt', 'file:///etc/passwd',
    '/.env', '/%2eenv', '/.git/config', '/.git', '/sub/.hidden.js', '/sub/%2ehidden.js', '/.', '/sub/.',
    '/link.txt', '/absolute.txt', '/up/secret.txt', '/up/www/favicon.ico', '/up', '/pipe.txt',
    '/sub', '/sub/', '/assets', '/assets/',
  ]) {
    test(JSON.stringify(target), async () => {
      // The server's own view of PATH_INFO differs; REQUEST_URI is as the client wrote it.
      const params = app.client().params('GET', '/');
      params.REQUEST_URI = target;
      let decoded = target;
      try {
        decoded = decodeURIComponent(target);
      } catch { /* sent as it is */ }
      params.PATH_INFO = decoded;
      const response = await request(app.address, { params });
      hidden(response, target);
      assert.equal(response.get('x-injected'), undefined);
    });
  }
});

test('PATH_INFO, SCRIPT_NAME, DOCUMENT_URI and the rest lead nowhere either', async () => {
  for (const name of ['PATH_INFO', 'SCRIPT_NAME', 'DOCUMENT_URI', 'PATH_TRANSLATED', 'SCRIPT_FILENAME', 'DOCUMENT_ROOT',
    'SCRIPT_URL', 'REDIRECT_URL']) {
    for (const value of ['/../secret.txt', '../secret.txt', folder, path.join(folder, 'secret.txt')]) {
      for (const uri of ['/nothing.txt', '/secret.txt', '/../secret.txt']) {
        const params = { ...app.client().params('GET', uri), [name]: value };
        const response = await request(app.address, { params });
        assert.ok(!response.body.includes(SECRET), `${name}=${value} ${uri}`);
      }
    }
  }
});

test('headers of reverse proxies lead nowhere', async () => {
  for (const name of ['x-original-url', 'x-rewrite-url', 'x-accel-redirect', 'x-sendfile']) {
    const response = await app.client().get('/nothing', { headers: { [name]: '/.env' } });
    hidden(response, name);
  }
});

test('an encoded slash is part of a name, and no such name is there', async () => {
  for (const path of ['/assets%2Fapp-3F2A9C1D.js', '/assets%2fapp-3F2A9C1D.js', '/assets%5Capp-3F2A9C1D.js', '/%2Ffavicon.ico',
    '/%2Fhealthz'])
    hidden(await app.client().get(path), path);
});

test('a path with dots is refused before anything looks at it', async () => {
  for (const path of ['/assets/../favicon.ico', '/./favicon.ico', '/signin/..', '/assets/%2e%2e/healthz'])
    hidden(await app.client().get(path), path);
});

test('files that are meant to be seen are', async () => {
  assert.equal((await app.client().get('/favicon.ico')).status, 200);
  assert.equal((await app.client().get('/%66avicon.ico')).status, 200);
});
