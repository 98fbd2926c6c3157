// The list of conversations, their addresses, and what is loaded of them.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, begin, browser, page, stack, streaming } from './fixture.mjs';
import * as t from './threads.mjs';

around();
beforeEach(() => { stack.gateway.keepsThreads = true; });

const { messageBox, emailBox, button, prompts, replies, lastReply } = b;
const { ALPHA, BETA, nav, links, titles, path, isListed, signUpWith } = t;

describe('the list', () => {
  test('has one link for each thread, the newest first, and follows what is sent', async () => {
    await signUpWith(ALPHA, BETA);
    await isListed('About alpha', 'About beta');
    await ask('Something new', 'Indeed.');
    await isListed('Something new', 'About alpha', 'About beta');
    await links().nth(2).click();
    await b.shows(lastReply(page), 'second letter');
    await ask('And gamma?', 'The third.');
    await isListed('About beta', 'Something new', 'About alpha');
    assert.equal(await nav().locator('[aria-current="page"]').innerText(), 'About beta');
    assert.deepEqual(stack.gateway.completions.at(-1).body.messages, [{ role: 'user', content: 'And gamma?' }]);
    assert.equal(stack.gateway.completions.at(-1).headers['x-thread-id'], 'beta');
  });

  test('loads more as one scrolls, without gaps or doubles', async () => {
    await signUpWith(...Array.from({ length: 310 }, (_, index) => ({ id: `t${index}`, title: `Thread ${index}` })));
    await eventually(async () => (await links().count()) >= 50);
    await eventually(async () => {
      await nav().evaluate((element) => element.scrollTo(0, element.scrollHeight));
      return (await links().count()) === 310;
    }, 'the rest did not come');
    assert.deepEqual(await titles(), Array.from({ length: 310 }, (_, index) => `Thread ${index}`));
    assert.equal(await button(page, 'More').count(), 0);
    const lists = stack.gateway.threadCalls.filter((call) => /^GET \/v1\/threads\?/.test(call));
    assert.ok(lists.length <= 2 * 3 + 1, lists.join('\n'));
  });

  test('that cannot be loaded says so, with a way to try again; chatting works all the same', async () => {
    stack.gateway.refuseThreads(/^GET \/v1\/threads$/, 500);
    await b.signUp(page, stack.url);
    await ask('Hello', 'Hi.');
    await isListed('Hello');
    stack.gateway.refuseThreads(/^GET \/v1\/threads$/, 500);
    await page.reload();
    await b.shows(nav(), 'could not be loaded');
    await button(page, 'Retry').click();
    await isListed('Hello');
  });

  test('does not exist where the gateway keeps no threads', async () => {
    stack.gateway.keepsThreads = false;
    await b.signUp(page, stack.url);
    await ask('Hello', 'Hi.');
    assert.equal(await nav().count(), 0);
    assert.equal(path(), '/');
    await page.keyboard.press('Control+k');
    assert.equal(await page.getByRole('dialog').count(), 0);
    await page.reload();
    await b.shows(lastReply(page), 'Hi.');
  });

  test('holds no title that is more than text', async () => {
    await signUpWith({ ...ALPHA, title: '<img src=x onerror=alert(1)>' }, { id: 'untitled', title: '' });
    await isListed('<img src=x onerror=alert(1)>', 'Untitled conversation');
  });

  test('keeps a conversation whose first reply was cut, though Retry fails', async () => {
    await signUpWith();
    const stream = await streaming('What is gamma?', 'The third');
    stream.cut();
    assert.equal(await b.settled(page), 'incomplete');
    stack.gateway.refuse(400);
    await button(page, 'Retry').click();
    assert.equal(await b.settled(page), 'failed');
    await b.shows(lastReply(page), 'The third');
    await isListed('What is gamma?');
  });
});

describe('addresses', () => {
  test('a new chat gets one with its first message; Back and Forward go through them', async () => {
    await signUpWith(ALPHA);
    assert.equal(path(), '/');
    await ask('Mine', 'Yes.');
    const mine = path();
    assert.match(mine, /^\/c\/[0-9a-f-]{36}$/);
    assert.equal(mine, `/c/${stack.gateway.completions[0].headers['x-thread-id']}`);
    await links().filter({ hasText: 'About alpha' }).click();
    await b.shows(lastReply(page), 'first letter');
    assert.equal(path(), '/c/alpha');
    await button(page, 'New chat').click();
    assert.equal(path(), '/');
    assert.equal(await prompts(page).count(), 0);
    await page.goBack();
    await b.shows(lastReply(page), 'first letter');
    await page.goBack();
    await b.shows(lastReply(page), 'Yes.');
    assert.equal(path(), mine);
    await page.goForward();
    await b.shows(lastReply(page), 'first letter');
    await page.reload();
    await b.shows(lastReply(page), 'first letter');
    assert.equal(await prompts(page).count(), 1);
    await eventually(async () => (await page.title()) === 'About alpha · Behest');
  });

  test('a click with Ctrl opens the thread in a tab of its own', async () => {
    await signUpWith(ALPHA);
    const opened = page.context().waitForEvent('page');
    await links().first().click({ modifiers: ['Control'] });
    const other = await opened;
    await b.shows(lastReply(other), 'first letter');
    assert.equal(path(other), '/c/alpha');
    assert.equal(path(), '/');
  });

  test('are what the title of the window follows, with a list or without', async () => {
    const isTitled = (title) => eventually(async () => (await page.title()) === `${title} · Behest`, `not titled ${title}`);
    await signUpWith(ALPHA);
    await isTitled('New chat');
    await links().first().click();
    await isTitled('About alpha');
    await button(page, 'New chat').click();
    await isTitled('New chat');
    await b.takes(page, /\/v1\/threads\?/, () => ask('Something new', 'Indeed.'));
    await isTitled('Something new');
    stack.gateway.refuseThreads(/^GET \/v1\/threads$/, 500);
    await page.goto(`${stack.url}/c/alpha`);
    await isTitled('What is alpha?');
  });

  test('a link asked for before signing in is where one comes to afterwards, after a reload of the form too', async () => {
    const { email } = await signUpWith(ALPHA);
    await button(page, 'Sign out').click();
    await emailBox(page).waitFor();
    await page.goto(`${stack.url}/c/alpha`);
    await emailBox(page).waitFor();
    assert.equal(path(), '/signin');
    await page.reload();
    await page.getByRole('link', { name: 'Create account' }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await b.signIn(page, email);
    await b.shows(lastReply(page), 'first letter');
    assert.equal(path(), '/c/alpha');
  });

  for (const [name, address] of [['somebody else’s', 'alpha'], ['no', '0b9d4c5e-8f0a-4c3e-9a53-6b9f1d2e7c11']]) {
    test(`of ${name} thread: not found, with a way to a new chat`, async () => {
      await signUpWith(ALPHA);
      const other = await b.openPage(browser);
      await b.signUp(other, stack.url);
      await other.goto(`${stack.url}/c/${address}`);
      await other.getByRole('heading', { name: 'Conversation not found' }).waitFor();
      await eventually(async () => (await b.focusedName(other)) === 'Conversation not found', 'the focus is not on it');
      assert.doesNotMatch(await other.content(), /alpha\?|first letter/);
      assert.equal(await messageBox(other).count(), 0);
      await other.getByRole('link', { name: 'Start a new chat' }).click();
      await messageBox(other).waitFor();
      assert.equal(new URL(other.url()).pathname, '/');
      await other.context().close();
    });
  }

  test('a history that does not come says so, with a way to try again', async () => {
    await signUpWith(ALPHA);
    stack.gateway.refuseThreads(/alpha\/messages$/, 500);
    await links().first().click();
    await b.shows(page.getByRole('log').getByRole('alert'), 'could not be loaded');
    await messageBox(page).fill('Patience');
    assert.ok(await button(page, 'Send').isDisabled());
    await button(page, 'Retry').click();
    await b.shows(lastReply(page), 'first letter');
    assert.equal(await messageBox(page).inputValue(), 'Patience');
  });

  test('while it is on its way, the log says that it is busy', async () => {
    await signUpWith(ALPHA);
    const release = stack.gateway.holdThreads(/alpha\/messages$/);
    await links().first().click();
    const log = page.getByRole('log', { name: 'Conversation' });
    await eventually(async () => (await log.getAttribute('aria-busy')) === 'true');
    await b.shows(log, 'Loading the conversation');
    release();
    await b.shows(lastReply(page), 'first letter');
    assert.equal(await log.getAttribute('aria-busy'), 'false');
  });

  test('older messages of a long thread come when asked for', async () => {
    const messages = Array.from({ length: 65 }, (_, index) => [['user', `Question ${index}`], ['assistant', `Answer ${index}.`]]).flat();
    await signUpWith({ ...ALPHA, messages });
    await links().first().click();
    await b.shows(lastReply(page), 'Answer 64.');
    assert.equal(await prompts(page).count(), 50);
    await button(page, 'Show earlier messages').click();
    await eventually(async () => (await prompts(page).count()) === 65);
    assert.equal(await prompts(page).first().innerText(), 'Question 0');
    assert.equal(await button(page, 'Show earlier messages').count(), 0);
  });
});

describe('two threads at once', () => {
  test('Back and Forward in mid-stream: the reply goes on in its own thread, and stands there once', async () => {
    await signUpWith(ALPHA, BETA);
    await links().nth(1).click();
    await b.shows(lastReply(page), 'second letter');
    await links().nth(0).click();
    await b.shows(lastReply(page), 'first letter');
    const stream = await streaming('More of alpha', 'It is');
    await page.goBack();
    await b.shows(lastReply(page), 'second letter');
    stream.piece(' Greek');
    assert.equal(await replies(page).count(), 1);
    await page.goForward();
    await b.shows(lastReply(page), 'It is Greek');
    stream.piece(', and old.');
    stream.finish();
    assert.equal(await b.settled(page), 'whole');
    await b.shows(lastReply(page), 'It is Greek, and old.');
    assert.deepEqual([await prompts(page).count(), await replies(page).count()], [2, 2]);
    assert.equal(stack.gateway.completions.length, 1);
  });

  test('a reply goes on in its own thread while another one is looked at', async () => {
    const { uid } = await signUpWith(ALPHA);
    const stream = await streaming('A long story', 'Once upon');
    await b.shows(nav(), 'A long story');
    await links().filter({ hasText: 'About alpha' }).click();
    await b.shows(lastReply(page), 'first letter');
    stream.piece(' a time');
    const second = await streaming('More of alpha', 'It is Greek.');
    assert.equal(await replies(page).filter({ hasText: 'Once' }).count(), 0);
    await b.shows(nav(), 'being answered');
    const story = stack.gateway.threads.of(uid).find(({ id }) => id !== 'alpha');
    const kept = (id) => page.evaluate((end) => Object.entries({ ...localStorage }).find(([key]) => key.endsWith(end))?.[1], `:transcript:${id}`);
    await eventually(async () => (await kept(story.id)).includes('Once upon a time'), 'it is not kept in its thread');
    await eventually(async () => (await kept('alpha')).includes('It is Greek.'), 'it is not kept in its thread');
    assert.doesNotMatch(await kept(story.id), /Greek/);
    assert.doesNotMatch(await kept('alpha'), /Once/);
    stream.finish();
    second.finish();
    assert.equal(await b.settled(page), 'whole');
    await links().filter({ hasText: 'A long story' }).click();
    await b.shows(lastReply(page), 'Once upon a time');
    assert.equal(await replies(page).filter({ hasText: 'Greek' }).count(), 0);
    assert.equal(await b.settled(page), 'whole');
    assert.deepEqual(story.messages.map(({ content }) => content), ['A long story', 'Once upon a time']);
    assert.deepEqual(stack.gateway.threads.find(uid, 'alpha').messages.map(({ content }) => content),
      ['What is alpha?', 'The first letter.', 'More of alpha', 'It is Greek.']);
  });

  test('a message that fails while another thread is looked at changes nothing there, and its words are back in its own', async () => {
    await signUpWith(ALPHA, BETA);
    await links().nth(0).click();
    await b.shows(lastReply(page), 'first letter');
    const stream = await begin('More of alpha');
    await links().nth(1).click();
    await b.shows(lastReply(page), 'second letter');
    stream.refuse(422, 'No', undefined, {});
    await eventually(async () => !(await nav().innerText()).includes('being answered'), 'it does not end');
    assert.equal(await messageBox(page).inputValue(), '');
    assert.equal(await lastReply(page).getAttribute('data-state'), null);
    await links().filter({ hasText: 'About alpha' }).click();
    await b.shows(lastReply(page), 'No');
    assert.equal(await messageBox(page).inputValue(), 'More of alpha');
    await page.reload();
    await eventually(async () => (await messageBox(page).inputValue()) === 'More of alpha', 'the draft is not kept');
    stack.gateway.answer('It is Greek.');
    await messageBox(page).press('Enter');
    await b.shows(lastReply(page), 'It is Greek.');
    assert.deepEqual(await prompts(page).allInnerTexts(), ['What is alpha?', 'More of alpha']);
  });

  test('the first message of a thread that fails meanwhile is still to be found', async () => {
    await signUpWith(ALPHA);
    const stream = await begin('A new story');
    await links().filter({ hasText: 'About alpha' }).click();
    await b.shows(lastReply(page), 'first letter');
    await messageBox(page).fill('of alpha');
    stream.refuse(422, 'No', undefined, {});
    await eventually(async () => !(await nav().innerText()).includes('being answered'), 'it does not end');
    await isListed('A new story', 'About alpha');
    assert.equal(await messageBox(page).inputValue(), 'of alpha');
    await links().filter({ hasText: 'A new story' }).click();
    await b.shows(lastReply(page), 'No');
    assert.equal(await messageBox(page).inputValue(), 'A new story');
    stack.gateway.answer('Once.');
    await button(page, 'Retry').click();
    await b.shows(lastReply(page), 'Once.');
    assert.equal(await messageBox(page).inputValue(), '');
    assert.equal(await prompts(page).count(), 1);
  });

  test('each has its own draft', async () => {
    await signUpWith(ALPHA, BETA);
    await messageBox(page).fill('of a new one');
    await links().nth(0).click();
    await eventually(async () => (await messageBox(page).inputValue()) === '');
    await messageBox(page).fill('of alpha');
    await links().nth(1).click();
    await eventually(async () => (await messageBox(page).inputValue()) === '');
    await page.goBack();
    await eventually(async () => (await messageBox(page).inputValue()) === 'of alpha');
    await page.reload();
    await eventually(async () => (await messageBox(page).inputValue()) === 'of alpha');
    await button(page, 'New chat').click();
    await eventually(async () => (await messageBox(page).inputValue()) === 'of a new one');
  });
});
