// The main job with nothing scripted: behest-fcgi and behest-gateway behind lighttpd, from sign-up to a streamed reply.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as b from './browser.mjs';
import { around, page, stack } from './fixture.mjs';
import { startRealStack } from './stack.mjs';

let bodies;
around({ start: startRealStack });
beforeEach(() => {
  bodies = [];
  page.on('response', (response) => {
    const headers = response.allHeaders().then(JSON.stringify);
    // A preflight has no body, and that of a stopped reply never ends; what is cut off cannot be read again.
    const body = response.body().then(String, () => '');
    bodies.push(Promise.all([headers, body]).then((parts) => parts.join('\n')).catch(() => ''));
  });
});

const { emailBox, messageBox, button, lastReply, prompts } = b;
const QUESTION = 'How do I set up behest-fcgi?';

function completions() {
  return page.requests.filter((request) => request.url() === `${stack.gatewayUrl}/v1/chat/completions` && request.method() === 'POST');
}

describe('from sign-up to a streamed reply', () => {
  test('with a token that was minted for exactly this person, from another origin', async () => {
    const loggedIn = page.waitForResponse((response) => response.url().endsWith('_system.user.loginWithPassword'));
    await b.signUp(page, stack.url);
    const { user } = (await (await loggedIn).json()).data;
    await b.send(page, QUESTION);
    assert.equal(await b.settled(page), 'whole');
    assert.ok((await lastReply(page).innerText()).length > 20);

    const [request] = completions();
    const headers = await request.allHeaders();
    assert.notEqual(new URL(request.url()).origin, stack.url);
    assert.equal(headers.origin, stack.url);
    assert.equal(headers.cookie, undefined);
    const response = await request.response();
    assert.match(response.headers()['content-type'], /^text\/event-stream/);
    assert.equal(response.headers()['access-control-allow-origin'], stack.url);

    const token = /^Bearer (.+)$/.exec(headers.authorization)[1];
    const keys = createRemoteJWKSet(new URL(`${stack.gatewayUrl}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { algorithms: ['RS256'], audience: 'behest' });
    assert.equal(payload.uid, user.id);
    assert.equal(payload.sid, headers['x-session-id']);
    assert.equal(payload.exp - payload.iat, 900);
  });

  test('nothing that the browser received has the key in it', async () => {
    await b.signUp(page, stack.url);
    await b.send(page, QUESTION);
    await b.settled(page);
    await page.goto(`${stack.url}/licenses.txt`);
    const received = (await Promise.all(bodies)).join('\n');
    assert.ok(received.includes('behest.mint'), 'the script is among what was looked at');
    assert.ok(!received.includes(stack.key));
    assert.ok(!received.includes('PRIVATE KEY'));
    const token = /^Bearer (.+)$/.exec((await completions()[0].allHeaders()).authorization)[1];
    assert.ok(!JSON.stringify(decodeJwt(token)).includes(stack.key));
  });

  test('two people get two tokens', async () => {
    await b.signUp(page, stack.url);
    await b.send(page, QUESTION);
    await b.settled(page);
    await button(page, 'Sign out').click();
    await emailBox(page).waitFor();
    await b.signUp(page, stack.url);
    await b.send(page, QUESTION);
    await b.settled(page);
    const tokens = await Promise.all(completions().map(async (request) => decodeJwt((await request.allHeaders()).authorization.split(' ')[1])));
    assert.equal(tokens.length, 2);
    assert.notEqual(tokens[0].uid, tokens[1].uid);
    assert.notEqual(tokens[0].sid, tokens[1].sid);
  });

  test('signing out and in again', async () => {
    const email = await b.signUp(page, stack.url);
    await page.reload();
    await messageBox(page).waitFor();
    await button(page, 'Sign out').click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await b.signIn(page, email, 'not the password');
    await b.shows(page.getByRole('alert'), 'Incorrect email/password combination');
    await b.signIn(page, email);
    await messageBox(page).waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
  });

  test('a second question goes on in the same conversation', async () => {
    await b.signUp(page, stack.url);
    for (const question of [QUESTION, 'And where does the key go?']) {
      await b.send(page, question);
      assert.equal(await b.settled(page), 'whole');
    }
    const [one, two] = await Promise.all(completions().map((request) => request.allHeaders()));
    assert.equal(one['x-thread-id'], two['x-thread-id']);
    assert.equal(one['x-session-id'], two['x-session-id']);
    await page.reload();
    await messageBox(page).waitFor();
    assert.equal(await prompts(page).count(), 2);
  });
});

test('what is stopped stays as it is, after a reload too', async () => {
  await b.signUp(page, stack.url);
  // The demonstration model is quick; the reply is slowed down on its way in, so that there is something to stop.
  await page.evaluate(() => {
    const fetch = window.fetch;
    window.fetch = async (...args) => {
      const response = await fetch(...args);
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
      const slowly = new TransformStream({
        async transform(chunk, controller) {
          for (const byte of chunk) {
            controller.enqueue(new Uint8Array([byte]));
            if (byte === 10) await new Promise((resolve) => setTimeout(resolve, 60));
          }
        },
      });
      return new Response(response.body.pipeThrough(slowly), response);
    };
  });
  await b.send(page, QUESTION);
  await lastReply(page).locator('p').first().waitFor();
  await button(page, 'Stop').click();
  assert.equal(await b.settled(page), 'stopped');
  const text = await lastReply(page).innerText();
  await b.takes(page, /\/messages\?/, () => page.reload());
  assert.equal(await lastReply(page).getAttribute('data-state'), 'stopped');
  assert.equal(await lastReply(page).innerText(), text);
  await b.send(page, 'And now?');
  assert.equal(await b.settled(page), 'whole');
});
