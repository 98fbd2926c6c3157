// Each web server names mount point and path its own way: the answers are the same.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { INDEX, startApp } from '../lib/app.mjs';
import { credentials, parseSetCookie } from '../lib/client.mjs';

const root = await startApp();
after(() => root.stop());
const below = await startApp({ env: { CHAT_SITE_URL: 'https://www.example.org/chat' } });
after(() => below.stop());

describe('at the root of a site', () => {
  for (const server of ['lighttpd', 'nginx', 'apache']) {
    test(server, async () => {
      const client = root.client({ server });
      await client.join();
      assert.equal((await client.call('_system.session.init')).user.id, client.id);
      assert.equal((await client.get('/')).text, INDEX);
      assert.equal((await client.get('/signin', { query: 'next=%2F' })).text, INDEX);
      assert.equal((await client.get('/favicon.ico')).text, 'icon');
      assert.equal((await client.get('/nothing')).status, 404);
      assert.equal((await client.get('/healthz')).text.trim(), 'ok');
    });
  }
});

describe('below a mount point', () => {
  for (const server of ['lighttpd', 'nginx', 'apache']) {
    test(server, async () => {
      const client = below.client({ server, mount: '/chat', host: 'www.example.org', https: true });
      await client.join();
      assert.equal((await client.call('_system.session.init')).user.id, client.id);
      for (const route of ['/', '/signin', '/c/7f0c2a']) {
        const response = await client.get(route, { headers: { 'accept-encoding': 'gzip' } });
        assert.equal(response.status, 200);
        assert.equal(response.get('content-encoding'), undefined);
        assert.equal(response.text, INDEX.replace('<base href="/">', '<base href="/chat/">'));
      }
      assert.equal((await client.get('/favicon.ico')).text, 'icon');
      assert.equal((await client.request('POST', '/api/behest/token')).status, 200);
      const login = await client.post('_system.user.loginWithPassword', { args: credentials(client) });
      const { attributes } = parseSetCookie(login.all('set-cookie')[0]);
      assert.ok(['/', '/chat', '/chat/'].includes(attributes.path), attributes.path);
    });
  }
  test('a mount point that needs escaping stays text', async () => {
    const client = root.client({ mount: '/a"><script>' });
    const { text } = await client.get('/');
    assert.ok(!text.includes('<script>'));
  });
});
