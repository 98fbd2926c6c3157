// Conversations, as the tests of them need them.
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { page, stack } from './fixture.mjs';

export const ALPHA = { id: 'alpha', title: 'About alpha', messages: [['user', 'What is alpha?'], ['assistant', 'The first letter.']] };
export const BETA = { id: 'beta', title: 'About beta', messages: [['user', 'What is beta?'], ['assistant', 'The *second* letter.']] };

export const nav = (of = page) => of.getByRole('navigation', { name: 'Conversations' });
export const links = (of = page) => nav(of).getByRole('link');
export const titles = () => links().allInnerTexts();
export const path = (of = page) => new URL(of.url()).pathname;

/** Waits until these are the titles in the list, in this order. */
export function isListed(...expected) {
  return eventually(async () => JSON.stringify(await titles()) === JSON.stringify(expected), `not listed: ${expected}`);
}

/** Puts threads there that have been before, each older than the one before it, and comes back to the page. */
export async function seed(threads, { apart = 60_000 } = {}) {
  const uid = await b.uidOf(page);
  threads.forEach((thread, index) => stack.gateway.threads.seed(uid, { at: Date.now() - index * apart, ...thread }));
  await page.reload();
  await b.messageBox(page).waitFor();
  if (stack.gateway.keepsThreads) await nav().or(b.button(page, 'Show conversations')).first().waitFor();
  return uid;
}

/** Signs up with threads that have been before, the first one the newest. */
export async function signUpWith(...threads) {
  const email = await b.signUp(page, stack.url);
  const uid = await seed(threads);
  if (threads.length > 0) await links().first().waitFor();
  return { email, uid };
}
