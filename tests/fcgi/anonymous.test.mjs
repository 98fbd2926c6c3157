// An anonymous visitor leaves nothing behind in the database.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { dump, startApp } from '../lib/app.mjs';

const app = await startApp();
after(() => app.stop());

test('looking around writes no row', async () => {
  await app.client().join();
  const before = dump(app.database);
  const visitor = app.client();
  for (let i = 0; i < 3; i++) {
    await visitor.post('_system.session.init', {
      args: {}, clientInfo: { screenWidth: 1, screenHeight: 2, windowWidth: 3, windowHeight: 4, pixelRatio: 1.5,
        orientation: null },
    });
    await visitor.post('_system.session.heartbeat');
    await visitor.post('_system.user.getOwnProfile');
    await visitor.post('_system.user.updateProfile', { args: { firstName: 'x' } });
    await visitor.post('_system.user.logout');
    await visitor.post('behest.mint');
    await visitor.post('no.such.method');
    await visitor.request('POST', '/api/behest/token');
    for (const path of ['/', '/signin', '/healthz', '/assets/app-3F2A9C1D.js', '/nothing'])
      await visitor.get(path);
  }
  assert.equal(dump(app.database), before);
});

test('reading writes no row for somebody signed in either', async () => {
  const client = app.client();
  await client.join();
  const before = dump(app.database);
  await client.call('_system.session.init');
  await client.call('_system.session.heartbeat');
  await client.call('_system.user.getOwnProfile');
  await client.call('behest.mint');
  assert.equal(dump(app.database), before);
});
