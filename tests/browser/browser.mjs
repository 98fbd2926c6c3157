// Chromium, and what people do in it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chromium } from 'playwright-core';
import { eventually } from '../lib/program.mjs';

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const PASSWORD = 'correct horse battery';

export function launch({ args = [] } = {}) {
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: [...ARGS, ...args] });
}

/** A person with a browser of their own; everything that goes wrong in the page is noted in `problems`. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.problems = [];
  page.requests = [];
  page.on('console', (message) => {
    // The browser reports every refused request like this; which ones there may be is each test's own business.
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isRefusal) page.problems.push(message.text());
  });
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('request', (request) => page.requests.push(request));
  return page;
}

export const emailBox = (page) => page.getByRole('textbox', { name: 'Email' });
export const passwordBox = (page) => page.getByRole('textbox', { name: 'Password' });
export const messageBox = (page) => page.getByRole('textbox', { name: 'Message', exact: true });
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const prompts = (page) => page.locator('[data-role="user"]');
export const replies = (page) => page.locator('[data-role="assistant"]');
export const lastReply = (page) => replies(page).last();

let people = 0;
const nextAddress = () => `person${++people}-${randomBytes(3).toString('hex')}@example.org`;

/** Creates an account and comes to the empty chat. */
export async function signUp(page, url, email = nextAddress()) {
  await page.goto(`${url}/signup`);
  return createAccount(page, email);
}

/** Likewise from the sign-in form, without another load of the page. */
export async function signUpHere(page) {
  await page.getByRole('link', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Create account' }).waitFor();
  return createAccount(page, nextAddress());
}

async function createAccount(page, email) {
  await emailBox(page).fill(email);
  await passwordBox(page).fill(PASSWORD);
  await button(page, 'Create account').click();
  await messageBox(page).waitFor();
  return email;
}

export async function signIn(page, email, password = PASSWORD) {
  await emailBox(page).fill(email);
  await passwordBox(page).fill(password);
  await button(page, 'Sign in').click();
}

export async function send(page, text) {
  await messageBox(page).fill(text);
  await messageBox(page).press('Enter');
}

/** Waits until the last reply has ended, in whichever way, and answers its state; none is a whole reply. */
export async function settled(page) {
  return eventually(async () => {
    if ((await replies(page).count()) === 0) return false;
    const state = await lastReply(page).getAttribute('data-state');
    return state === 'streaming' ? false : state ?? 'whole';
  }, 'the reply did not end');
}

/** Waits until an element's text contains `part`. */
export async function shows(locator, part) {
  await eventually(
    async () => (await locator.count()) > 0 && (await locator.innerText()).includes(part),
    `nothing that shows “${part}”`,
  );
}

/** Does something, and waits until the page has taken in the answer that comes of it from an address like `pattern`. */
export async function takes(page, pattern, act) {
  const answer = page.waitForResponse((response) => pattern.test(response.url()) && response.request().method() !== 'OPTIONS');
  await act();
  await (await answer).finished();
  await frames(page, 2);
}

/** Waits for so many frames. */
export function frames(page, count) {
  return page.evaluate(async (left) => {
    while (left-- > 0) await new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
  }, count);
}

/** Waits until a scroller moves no more, and answers where it is. */
export async function atRest(page, scroller) {
  const top = () => scroller.evaluate((element) => element.scrollTop);
  let before = await top();
  await eventually(async () => {
    await frames(page, 6);
    return before === (before = await top());
  }, 'it did not come to rest');
  return before;
}

/** Everything that the page has put into this browser, as JSON. */
export function stored(page) {
  return page.evaluate(async () => JSON.stringify({
    local: { ...localStorage },
    tab: { ...sessionStorage },
    history: history.state,
    window: window.name,
    databases: await indexedDB.databases(),
    caches: await globalThis.caches?.keys() ?? [],
    cookie: document.cookie,
  }));
}

/** The name of what has the focus. */
export function focusedName(page) {
  return page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText);
}

/** Presses `key` until what has that name has the focus. */
export async function tabTo(page, name, key = 'Tab') {
  for (let i = 0; i < 40; i++) {
    if ((await focusedName(page)) === name) return;
    await page.keyboard.press(key);
  }
  assert.fail(`no way to ${name} by ${key}`);
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
