// Two people one after the other in one browser profile: nothing of the first is there for the second.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack, streaming } from './fixture.mjs';
import * as t from './threads.mjs';

around();

const { messageBox, button, prompts, replies, lastReply, emailBox } = b;
const { nav, links, path, isListed, signUpWith } = t;
const ZEBRA = { id: 'zebra', title: 'The zebra thread', messages: [['user', 'A zebra question'], ['assistant', 'A zebra answer']] };

const nothingIsShown = async () => assert.doesNotMatch(await page.content(), /zebra/i);

/** Neither in the page nor in anything that the browser keeps for it. */
async function nothingIsLeft(of = page) {
  assert.doesNotMatch(await of.content(), /zebra/i);
  assert.equal(await of.getByRole('status').innerText(), '');
  const kept = await b.stored(of);
  assert.doesNotMatch(kept, /zebra|:user:|provisional|\/c\//i);
  assert.match(kept, /"databases":\[\],"caches":\[\],"cookie":""/);
}

async function signOut() {
  await button(page, 'Sign out').click();
  await emailBox(page).waitFor();
}

describe('the first signs out', () => {
  test('and nothing is left: no words, no draft, no session', async () => {
    const ada = await b.signUp(page, stack.url);
    await ask('The zebra question', 'The zebra answer.');
    await messageBox(page).fill('The zebra draft');
    assert.match(await b.stored(page), /zebra question.*zebra answer|zebra answer.*zebra question/s);
    await signOut();
    await nothingIsLeft();
    assert.deepEqual((await page.context().cookies()).filter(({ name }) => name === 'authToken'), []);
    await page.goto(`${stack.url}/`);
    await emailBox(page).waitFor();
    await nothingIsLeft();
    await b.signUp(page, stack.url);
    assert.equal(await messageBox(page).inputValue(), '');
    assert.equal(await prompts(page).count(), 0);
    await ask('Hello', 'Hello.');
    const [first, second] = stack.gateway.completions;
    assert.notEqual(first.claims.uid, second.claims.uid);
    assert.notEqual(first.headers['x-thread-id'], second.headers['x-thread-id']);
    assert.notEqual(first.headers['x-session-id'], second.headers['x-session-id']);
    assert.deepEqual(second.body.messages, [{ role: 'user', content: 'Hello' }]);
    await signOut();
    await b.signIn(page, ada);
    await messageBox(page).waitFor();
    assert.equal(await prompts(page).count(), 0);
  });

  test('and no conversation is left, in the page, in its history, or still on its way', async () => {
    stack.gateway.keepsThreads = true;
    const { uid } = await signUpWith(ZEBRA);
    await links().first().click();
    await b.shows(lastReply(page), 'zebra answer');
    const release = stack.gateway.holdThreads(/zebra\/messages$/);
    await page.reload();
    await b.shows(nav(), 'zebra');
    await signOut();
    release();
    await nothingIsLeft();
    const tell = stack.gateway.holdThreads(/^GET \/v1\/threads$/);
    await b.signUpHere(page);
    assert.equal(path(), '/');
    await nothingIsShown();
    tell();
    await b.shows(nav(), 'will be listed here');
    await nothingIsShown();
    await ask('Mine', 'Yours.');
    await isListed('Mine');
    const [{ claims }] = stack.gateway.completions;
    assert.notEqual(claims.uid, uid, 'the token of the first');
    assert.equal(claims.uid, await b.uidOf(page));
    await page.goBack();
    await eventually(() => path() === '/', 'Back leads to the form, and from there to a new chat');
    await b.frames(page, 2);
    assert.equal(await prompts(page).count(), 0);
    await nothingIsShown();
  });

  test('in mid-stream, which ends the stream', async () => {
    await b.signUp(page, stack.url);
    const stream = await streaming('The zebra question', 'The zebra answer');
    await signOut();
    await stream.closed();
    await nothingIsLeft();
  });

  test('while a reply is asked for anew, which ends that as well', async () => {
    stack.gateway.keepsThreads = true;
    await signUpWith(ZEBRA);
    await links().first().click();
    await b.shows(lastReply(page), 'zebra answer');
    const held = stack.gateway.hold();
    await button(page, 'Regenerate').click();
    const stream = await held;
    stream.piece('Another zebra');
    await b.shows(lastReply(page), 'Another zebra');
    assert.match(await b.stored(page), /provisional/);
    const release = stack.gateway.holdThreads(/^DELETE/);
    await signOut();
    await stream.closed();
    await nothingIsLeft();
    release();
  });

  test('in another tab, and this one follows', async () => {
    await b.signUp(page, stack.url);
    await messageBox(page).fill('The zebra draft');
    const other = await page.context().newPage();
    await other.goto(stack.url);
    await messageBox(other).waitFor();
    await button(other, 'Sign out').click();
    await emailBox(page).waitFor();
    await nothingIsLeft();
  });
});

describe('the first does not sign out', () => {
  /** The server no longer knows the session, and the page is told so. */
  async function expire() {
    await page.context().clearCookies();
    await b.send(page, 'Zebras, and more');
    await emailBox(page).waitFor();
    await b.shows(page.getByRole('alert').first(), 'Sign in again');
  }

  async function lookAtZebra() {
    stack.gateway.keepsThreads = true;
    stack.gateway.ttl = 60;
    const { email } = await signUpWith(ZEBRA);
    await links().first().click();
    await b.shows(lastReply(page), 'zebra answer');
    assert.equal(path(), '/c/zebra');
    return email;
  }

  test('what was kept is removed when the second comes', async () => {
    await b.signUp(page, stack.url);
    await messageBox(page).fill('The zebra draft');
    await page.context().clearCookies();
    await b.signUp(page, stack.url);
    assert.equal(await messageBox(page).inputValue(), '');
    assert.doesNotMatch(await b.stored(page), /zebra/);
  });

  test('the second comes to a new chat, not to where the first was', async () => {
    await lookAtZebra();
    await expire();
    await b.signUpHere(page);
    assert.equal(path(), '/');
    await nothingIsShown();
    assert.equal(await messageBox(page).inputValue(), '');
    assert.doesNotMatch(await b.stored(page), /zebra/i);
    await b.shows(nav(), 'will be listed here');
    await page.goBack();
    await eventually(() => path() === '/', 'Back leads to the form, and from there to where the first was');
    await nothingIsShown();
  });

  for (const [what, again] of [
    ['the form was loaded again', () => page.reload()],
    ['the address was loaded again', () => page.goto(`${stack.url}/c/zebra`)],
  ]) {
    test(`the second comes to a new chat when ${what}`, async () => {
      await lookAtZebra();
      await expire();
      await again();
      await emailBox(page).waitFor();
      await b.signUpHere(page);
      assert.equal(path(), '/');
      await nothingIsShown();
      assert.doesNotMatch(await b.stored(page), /zebra/i);
    });

    test(`the first comes back to where they were when ${what}`, async () => {
      const email = await lookAtZebra();
      await expire();
      await again();
      await emailBox(page).waitFor();
      await b.signIn(page, email);
      await b.shows(replies(page).first(), 'zebra answer');
      assert.equal(path(), '/c/zebra');
      assert.equal(await messageBox(page).inputValue(), 'Zebras, and more');
    });
  }

  test('nor is the page as it was when it comes back from the browser’s memory', async () => {
    await lookAtZebra();
    await page.context().clearCookies();
    const titleBesideTheForm = page.evaluate(
      () =>
        new Promise((resolve) => {
          new MutationObserver((_, observer) => {
            if (!document.querySelector('form [type=email]')) return;
            observer.disconnect();
            resolve(document.title);
          }).observe(document.body, { childList: true, subtree: true });
        }),
    );
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    assert.match(await titleBesideTheForm, /^Sign in/);
    await nothingIsShown();
  });

  test('the second signs in in another tab, and this one is theirs', async () => {
    await lookAtZebra();
    await page.context().clearCookies();
    const other = await page.context().newPage();
    await other.goto(stack.url);
    await emailBox(other).waitFor();
    await b.signUp(other, stack.url);
    await eventually(() => path() === '/', 'this tab is where the first was');
    await messageBox(page).waitFor();
    await nothingIsShown();
    await b.shows(nav(), 'will be listed here');
    await ask('Mine', 'Yours.');
    await isListed('Mine');
    assert.equal(stack.gateway.completions.at(-1).claims.uid, await b.uidOf(other));
  });

  test('the second signs in in another tab, and nothing is done in their name here although this one does not hear of it', async () => {
    await lookAtZebra();
    const INIT = '**/_system.session.init';
    await page.route(INIT, (route) => route.abort());
    await page.context().clearCookies();
    const other = await page.context().newPage();
    await b.signUp(other, stack.url);
    await b.send(page, 'More of zebras');
    await b.shows(lastReply(page), 'Somebody else has signed in with this browser.');
    assert.equal(stack.gateway.completions.length, 0);
    await page.unroute(INIT);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await eventually(() => path() === '/', 'this tab is where the first was');
    await b.shows(nav(), 'will be listed here');
    await nothingIsShown();
    assert.doesNotMatch(await b.stored(page), /zebra/i);
    assert.equal(stack.gateway.completions.length, 0);
  });
});
