// For whom a token is: the session's user with the profile's tier, whatever the request says.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { remoteMinting, startApp } from '../lib/app.mjs';
import { takeApart } from '../lib/keys.mjs';
import { ScriptedBehest } from '../lib/scripted-behest.mjs';

const SID = '0b0e1f52-6a5c-4d1e-9f0a-3c2b1a0f9e8d';

const behest = await ScriptedBehest.start();
after(() => behest.close());
beforeEach(() => behest.reset());
const local = await startApp();
after(() => local.stop());
const remote = await startApp({ env: remoteMinting(behest.url) });
after(() => remote.stop());

/** Mints and tells whom the token is for, in both modes. */
const modes = {
  local: [local, async (client, args, options) => {
    const { token } = await client.call('behest.mint', args, options);
    const { uid, tier, sid, role, exp, iat } = takeApart(token).payload;
    return { uid, tier, sid, role, ttl: exp - iat };
  }],
  remote: [remote, async (client, args, options) => {
    await client.call('behest.mint', args, options);
    const { user_id: uid, tier, session_id: sid, role, ttl } = behest.requests.at(-1).body;
    return { uid, tier, sid, role, ttl };
  }],
};

for (const [mode, [app, mintedFor]] of Object.entries(modes)) {
  describe(mode, () => {
    test('arguments, headers and query do not choose the user', async () => {
      const victim = app.client();
      const id = await victim.join();
      const client = app.client();
      await client.join();
      for (const name of ['user_id', 'userId', 'uid', 'user', 'sub', 'id']) {
        const { uid } = await mintedFor(client, { [name]: id });
        assert.equal(uid, client.id, name);
      }
      const body = { args: {}, userId: id, user_id: id, uid: id, authToken: victim.cookies.get('authToken') };
      const response = await client.post('behest.mint', body, { query: `user_id=${id}&uid=${id}`,
        headers: { 'x-user-id': id, 'x-authenticated-user': id } });
      assert.equal(response.status, 200);
      const uid = mode === 'local' ? takeApart(response.json.data.token).payload.uid : behest.requests.at(-1).body.user_id;
      assert.equal(uid, client.id);
    });

    test('neither role, tier nor lifetime', async () => {
      const client = app.client();
      await client.join();
      const minted = await mintedFor(client, { role: 'admin', tier: 3, ttl: 86_400, scp: ['*'], roles: ['admin'] });
      assert.deepEqual([minted.role, minted.tier, minted.ttl], ['user', 1, 900]);
    });

    test('a session id is kept', async () => {
      const client = app.client();
      await client.join();
      assert.equal((await mintedFor(client, { sessionId: SID })).sid, SID);
      assert.equal((await client.call('behest.mint', { sessionId: SID })).sessionId, SID);
    });

    for (const sessionId of ['', 'x', '0b0e1f52-6a5c-4d1e-9f0a-3c2b1a0f9e8', `${SID}0`, ` ${SID}`, `${SID}\n`,
      SID.replace(/-/g, ''), `{${SID}}`,
      SID.replace('0', 'g'), '../../etc', 5, true, [SID], { $ne: SID }]) {
      test(`what is no UUID is refused: ${JSON.stringify(sessionId)}`, async () => {
        const client = app.client();
        await client.join();
        const response = await client.post('behest.mint', { args: { sessionId } });
        assert.equal(response.status, 400);
        assert.match(response.text, /session/i);
        assert.equal(behest.requests.length, 0);
      });
    }

    test('null is as if absent', async () => {
      const client = app.client();
      await client.join();
      assert.match((await client.call('behest.mint', { sessionId: null })).sessionId, /^[0-9a-f-]{36}$/);
    });

    test('the tier is the one of the profile, from the next mint on', async () => {
      const client = app.client();
      await client.join();
      assert.equal((await mintedFor(client)).tier, 1);
      for (const tier of [3, 2]) {
        const result = app.admin('tier', 'set', client.email, String(tier));
        assert.equal(result.code, 0, result.stderr);
        assert.equal((await mintedFor(client)).tier, tier);
      }
    });
  });
}

describe('POST /api/behest/token', () => {
  for (const [mode, [app]] of Object.entries(modes)) {
    test(`answers what a mint answers, flat: ${mode}`, async () => {
      const client = app.client();
      await client.join();
      const response = await client.request('POST', '/api/behest/token');
      assert.equal(response.status, 200, response.text);
      assert.match(response.get('content-type'), /^application\/json/);
      assert.equal(response.get('cache-control'), 'no-store');
      assert.deepEqual(Object.keys(response.json).sort(), ['baseUrl', 'expiresAt', 'sessionId', 'token', 'ttl']);
      assert.equal(response.json.ttl, 900);
    });
  }
  test('with a session id in the body', async () => {
    const client = local.client();
    await client.join();
    const post = (body) => client.request('POST', '/api/behest/token', { body, headers: { 'content-type': 'application/json' } });
    assert.equal((await post(JSON.stringify({ sessionId: SID }))).json.sessionId, SID);
    assert.equal((await post('{}')).status, 200);
    for (const body of [JSON.stringify({ sessionId: 'x' }), '{', '[]']) {
      const response = await post(body);
      assert.equal(response.status, 400, body);
      assert.equal(typeof response.json.error.message, 'string');
    }
  });
  test('who is not signed in gets JSON', async () => {
    const response = await local.client().request('POST', '/api/behest/token');
    assert.equal(response.status, 401);
    assert.match(response.get('content-type'), /^application\/json/);
    assert.equal(response.json.error.code, 'unauthorized');
    assert.ok(response.json.error.message.length > 5);
  });
});
