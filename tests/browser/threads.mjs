// Conversations, as the tests of them need them.
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';

export const ALPHA = { id: 'alpha', title: 'About alpha', messages: [['user', 'What is alpha?'], ['assistant', 'The first letter.']] };
export const BETA = { id: 'beta', title: 'About beta', messages: [['user', 'What is beta?'], ['assistant', 'The *second* letter.']] };

export const nav = (page) => page.getByRole('navigation', { name: 'Conversations' });
export const links = (page) => nav(page).getByRole('link');
export const titles = (page) => links(page).allInnerTexts();
export const path = (page) => new URL(page.url()).pathname;

/** Waits until these are the titles in the list, in this order. */
export function isListed(page, ...expected) {
  return eventually(async () => JSON.stringify(await titles(page)) === JSON.stringify(expected), `not listed: ${expected}`);
}

export function focusedName(page) {
  return page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText);
}

/** The id of whoever is signed in, which is the gateway's `uid`. */
export function uidOf(page) {
  return page.evaluate(async () => {
    const response = await fetch(new URL('api/_internal/method/_system.session.init', document.baseURI), {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"args":{}}',
    });
    return (await response.json()).data.user.id;
  });
}

/** Signs up with threads that have been before, the first one the newest. */
export async function signUpWith(page, stack, ...threads) {
  const email = await b.signUp(page, stack.url);
  const uid = await uidOf(page);
  threads.forEach((thread, index) => stack.gateway.threads.seed(uid, { at: Date.now() - index * 60_000, ...thread }));
  await page.reload();
  await b.messageBox(page).waitFor();
  if (threads.length > 0) await links(page).first().waitFor();
  return { email, uid };
}
