// Conversations, when other tabs, other devices and the gateway itself change.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack } from './fixture.mjs';
import { ALPHA, BETA, isListed, path, signUpWith } from './threads.mjs';

around();
beforeEach(() => { stack.gateway.keepsThreads = true; });

const { button, lastReply } = b;

test('a change in another tab is listed here at once: a new thread, a message, a deletion', async () => {
  await signUpWith(ALPHA, BETA);
  const other = await page.context().newPage();
  await other.goto(`${stack.url}/c/beta`);
  await b.shows(lastReply(other), 'second letter');
  await ask('More of beta', 'It is Greek.', other);
  await isListed('About beta', 'About alpha');
  await button(other, 'New chat').click();
  await ask('Something new', 'Indeed.', other);
  await isListed('Something new', 'About beta', 'About alpha');
  await other.getByRole('listitem').filter({ hasText: 'About alpha' }).hover();
  await other.getByRole('listitem').filter({ hasText: 'About alpha' }).getByRole('button', { name: 'Delete conversation' }).click();
  await button(other, 'Delete').click();
  await isListed('Something new', 'About beta');
});

test('a change on another device is listed when one comes back to the tab: new, renamed and deleted', async () => {
  const { uid } = await signUpWith(ALPHA, BETA);
  await isListed('About alpha', 'About beta');
  stack.gateway.threads.seed(uid, { id: 'gamma', title: 'About gamma' });
  stack.gateway.threads.find(uid, 'beta').title = 'Of beta';
  stack.gateway.threads.remove(uid, 'alpha');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await isListed('About gamma', 'Of beta');
});

test('the conversation on view follows another tab: a further message, and its end', async () => {
  await signUpWith(ALPHA);
  await page.goto(`${stack.url}/c/alpha`);
  await b.shows(lastReply(page), 'first letter');
  const other = await page.context().newPage();
  await other.goto(`${stack.url}/c/alpha`);
  await b.shows(lastReply(other), 'first letter');
  await b.messageBox(page).fill('Half a thought');
  await ask('More of alpha', 'It is Greek.', other);
  await b.shows(lastReply(page), 'It is Greek.');
  assert.equal(await b.replies(page).count(), 2);
  assert.equal(await b.messageBox(page).inputValue(), 'Half a thought');
  await other.getByRole('listitem').hover();
  await other.getByRole('button', { name: 'Delete conversation' }).click();
  await button(other, 'Delete').click();
  await page.getByRole('heading', { name: 'Conversation not found' }).waitFor();
  await page.getByRole('link', { name: 'Start a new chat' }).click();
  await eventually(async () => (await b.messageBox(page).inputValue()) === 'Half a thought', 'what was typed has gone with it');
});

test('a gateway that begins to keep threads gets what was said before, once', async () => {
  stack.gateway.keepsThreads = false;
  await b.signUp(page, stack.url);
  await ask('One?', 'First.');
  stack.gateway.keepsThreads = true;
  for (let loads = 0; loads < 2; loads++) {
    await page.reload();
    await b.shows(lastReply(page), 'First.');
    await eventually(() => path().startsWith('/c/'), 'the conversation has no address');
  }
  await ask('Two?', 'Second.');
  const [one, first, two] = [['user', 'One?'], ['assistant', 'First.'], ['user', 'Two?']].map(([role, content]) => ({ role, content }));
  assert.deepEqual(stack.gateway.completions.at(-1).body.messages, [one, first, two]);
  await isListed('One?');
  await page.reload();
  await b.shows(lastReply(page), 'Second.');
  assert.deepEqual(await b.prompts(page).allInnerTexts(), ['One?', 'Two?']);
  await ask('Three?', 'Third.');
  assert.deepEqual(stack.gateway.completions.at(-1).body.messages, [{ role: 'user', content: 'Three?' }]);
});
