// The list of conversations, when other tabs and other devices change it.
import { beforeEach, test } from 'node:test';
import * as b from './browser.mjs';
import { around, ask, page, stack } from './fixture.mjs';
import { ALPHA, BETA, isListed, signUpWith } from './threads.mjs';

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
