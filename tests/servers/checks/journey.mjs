// The main job over the wire, as the page does it.
import assert from 'node:assert/strict';
import { parseSetCookie } from '../../lib/client.mjs';
import { takeApart } from '../../lib/keys.mjs';
import { Visitor } from '../lib/visitor.mjs';
import { chat } from '../lib/gateway.mjs';

function checkCookie(answer, { mount, signedIn }) {
  const lines = answer.all('set-cookie');
  assert.equal(lines.length, 1, 'one answer sets one cookie');
  const { name, value, attributes } = parseSetCookie(lines[0]);
  assert.equal(name, 'authToken');
  assert.equal(value.length > 0, signedIn);
  assert.deepEqual(attributes, {
    path: `${mount}/`, 'max-age': signedIn ? '604800' : '0', httponly: true, samesite: 'Lax', secure: true,
  });
}

async function refuses(person, method) {
  const answer = await person.post(method);
  assert.equal(answer.status, 401, answer.text);
}

export const journey = {
  async 'from the first visit to signing out'({ site, mount, what, see }) {
    const person = new Visitor(site);
    const first = await person.call('_system.session.init');
    assert.equal(first.user, null);
    const id = await person.signUp();
    const signedIn = await person.signIn();
    checkCookie(signedIn, { mount, signedIn: true });
    assert.equal(JSON.parse(signedIn.text).data.user.id, id);
    assert.equal(await person.recognized(), id);

    const { user } = await person.call('_system.user.updateProfile', { firstName: 'Ada', lastName: 'Łovelace ✓' });
    assert.equal(user.lastName, 'Łovelace ✓');
    const profile = await person.call('_system.user.getOwnProfile');
    assert.equal(profile.emails[0].address, person.email);
    assert.equal(profile.lastName, 'Łovelace ✓');

    const minted = await person.call('behest.mint');
    assert.equal(takeApart(minted.token).payload.uid, id);
    if (what.gateway) assert.equal(minted.baseUrl, site.gateway);
    const route = await person.request('POST', '/api/behest/token');
    assert.equal(route.status, 200, route.text);
    assert.equal(takeApart(JSON.parse(route.text).token).payload.uid, id);
    if (what.gateway) await chat(site, minted.token);

    checkCookie(await person.post('_system.user.logout'), { mount, signedIn: false });
    assert.equal(person.cookies.size, 0);
    assert.equal(await person.recognized(), null);
    await refuses(person, '_system.user.getOwnProfile');
    await refuses(person, 'behest.mint');
    assert.equal((await person.request('POST', '/api/behest/token')).status, 401);
    see(mount ? 'path' : 'root', 'yes');
  },

  async 'two people are not taken for each other'({ site }) {
    const [ada, bob] = [await new Visitor(site).join(), await new Visitor(site).join()];
    assert.notEqual(ada.id, bob.id);
    for (const person of [ada, bob, ada]) {
      assert.equal(await person.recognized(), person.id);
      assert.equal(takeApart(await person.token()).payload.uid, person.id);
    }
  },

  async 'of two cookies with one name, the one that counts is found'({ site }) {
    const person = await new Visitor(site).join();
    const token = person.cookies.get('authToken');
    for (const cookie of [`authToken=${'x'.repeat(43)}; authToken=${token}`, `a=1; authToken=${token}; authToken=; b="2, 3"`]) {
      const answer = await person.post('_system.session.init', { args: {} }, { headers: { cookie } });
      assert.equal(JSON.parse(answer.text).data.session.userId, person.id, cookie);
    }
  },

  async 'a page of another site can do nothing'({ site }) {
    const person = await new Visitor(site).join();
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
      const answer = await person.post('behest.mint', { args: {} }, { headers });
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.equal(answer.text, 'Requests from other sites are not allowed');
    }
  },
};
