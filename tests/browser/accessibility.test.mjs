// Names, axe-core, the keyboard, and where the focus goes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as axe from './axe.mjs';
import * as b from './browser.mjs';
import { around, begin, page, reopen, stack } from './fixture.mjs';
import { startScriptedStack } from './stack.mjs';

around({ start: () => startScriptedStack({ env: { CHAT_UPGRADE_URL: 'https://upgrade.example/plans', CHAT_EXAMPLES: 'Who are you?|And why?' } }) });

const { emailBox, passwordBox, messageBox, button, lastReply, prompts } = b;
const focusedName = () => b.focusedName(page);
const tabTo = (name) => b.tabTo(page, name);
const isClean = (state) => axe.isClean(page, state);

for (const colorScheme of ['light', 'dark']) {
  test(`axe-core finds nothing, ${colorScheme}`, async () => {
    await reopen({ colorScheme });
    await page.goto(stack.url);
    await emailBox(page).waitFor();
    await isClean('sign-in');
    await b.signIn(page, 'nobody@example.org', 'not the password');
    await eventually(async () => await page.getByRole('alert').innerText());
    await isClean('sign-in refused');
    await page.getByRole('link', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'Create account' }).waitFor();
    await isClean('sign-up');
    await b.signUp(page, stack.url);
    await isClean('empty');
    const stream = await begin('Tell me');
    await isClean('waiting');
    stream.piece('## A heading\n\nA [link](https://example.org) and `code`.\n\n```js\n// a comment\nconst x = "string" + 1; class A { m() { return /x/.test(y) } }\n```\n\n```diff\n-old\n+new\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\nmore');
    await b.shows(lastReply(page), 'more');
    await eventually(async () => (await page.locator('pre code span').count()) > 5, 'the code is not highlighted');
    await isClean('streaming');
    stream.finish();
    await b.settled(page);
    await isClean('answered');
    const next = stack.gateway.hold();
    await b.send(page, 'More');
    (await next).piece('Some');
    await b.shows(lastReply(page), 'Some');
    await button(page, 'Stop').click();
    await b.settled(page);
    await isClean('stopped');
    stack.gateway.refuse(500, { times: 3 });
    await b.send(page, 'More');
    await b.settled(page);
    await isClean('failed');
    stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '60' } });
    await b.send(page, 'More');
    await button(page, 'Cancel').waitFor();
    await isClean('countdown');
    await button(page, 'Cancel').click();
    assert.equal(await focusedName(), 'Message', 'Cancel is gone, the focus is where one goes on');
    stack.gateway.refuse(402, { details: { tier: 1, limit: 50_000, used: 50_123, kind: 'tokens_per_day', resets_at: '2026-11-24T00:00:00Z' } });
    await b.send(page, 'More');
    await page.getByRole('link', { name: 'Upgrade' }).waitFor();
    await isClean('used up');
  });
}

test('the names by which everything is found', async () => {
  await page.goto(stack.url);
  await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/signin');
  assert.equal(await page.getByRole('textbox', { name: 'Email', exact: true }).count(), 1);
  assert.equal(await page.getByRole('textbox', { name: 'Password', exact: true }).count(), 1);
  assert.equal(await button(page, 'Sign in').count(), 1);
  assert.equal(await page.getByRole('link', { name: 'Create account', exact: true }).count(), 1);
  await b.signUp(page, stack.url);
  assert.equal(new URL(page.url()).pathname, '/');
  const stream = await begin('Hello');
  assert.equal(await button(page, 'Stop').count(), 1);
  stream.piece('Hi');
  stream.finish();
  await b.settled(page);
  for (const name of ['Send', 'New chat', 'Sign out', 'Copy']) assert.equal(await button(page, name).count(), 1, name);
  assert.equal(await page.getByRole('log', { name: 'Conversation', exact: true }).count(), 1);
  assert.equal(await page.getByRole('status').count(), 1);
  assert.equal(await prompts(page).count(), 1);
  assert.equal(await lastReply(page).getAttribute('data-state'), null);
});

describe('the sign-in form', () => {
  test('ties its message to the field and brings the focus there', async () => {
    await page.goto(stack.url);
    await eventually(async () => (await focusedName()) === 'Email', 'the focus is not in the form');
    await b.signIn(page, 'nobody@example.org', 'not the password');
    await b.shows(page.getByRole('alert'), 'Incorrect email/password combination');
    const described = await passwordBox(page).evaluate((field) => document.getElementById(field.getAttribute('aria-describedby')).innerText);
    assert.equal(described, 'Incorrect email/password combination');
    assert.equal(await passwordBox(page).getAttribute('aria-invalid'), 'true');
    assert.equal(await focusedName(), 'Password');
  });

  test('says what is missing without asking the server', async () => {
    await page.goto(`${stack.url}/signup`);
    await emailBox(page).fill('someone@example.org');
    await passwordBox(page).fill('short');
    const before = page.requests.length;
    await button(page, 'Create account').click();
    await b.shows(page.getByRole('alert'), '8 to 128 characters');
    assert.equal(await focusedName(), 'Password');
    assert.equal(page.requests.length, before);
  });

  test('says that an address is taken', async () => {
    const email = await b.signUp(page, stack.url);
    await button(page, 'Sign out').click();
    await page.getByRole('link', { name: 'Create account' }).click();
    await emailBox(page).fill(email);
    await passwordBox(page).fill(b.PASSWORD);
    await button(page, 'Create account').click();
    await eventually(async () => await page.getByRole('alert').innerText());
    assert.equal(await focusedName(), 'Email');
  });
});

test('the whole way by keyboard', async () => {
  const { keyboard } = page;
  await page.goto(stack.url);
  await eventually(async () => (await focusedName()) === 'Email');
  await tabTo('Create account');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Create account' }).waitFor();
  await eventually(async () => (await focusedName()) === 'Email');
  await keyboard.type('keyboard@example.org');
  await keyboard.press('Tab');
  await keyboard.type(b.PASSWORD);
  await keyboard.press('Enter');
  await messageBox(page).waitFor();
  await eventually(async () => (await focusedName()) === 'Message', 'the focus is not in the composer');
  const held = stack.gateway.hold();
  await keyboard.type('Hello');
  await keyboard.press('Enter');
  const stream = await held;
  stream.piece('Hi');
  await b.shows(lastReply(page), 'Hi');
  await tabTo('Stop');
  await keyboard.press('Enter');
  assert.equal(await b.settled(page), 'stopped');
  assert.equal(await focusedName(), 'Message', 'Stop is gone, the focus is where one goes on');
  stack.gateway.answer('Again');
  await keyboard.type('Again?');
  await tabTo('Send');
  await keyboard.press('Enter');
  assert.equal(await b.settled(page), 'whole');
  assert.equal(await focusedName(), 'Message');
  const next = stack.gateway.hold();
  await keyboard.type('And now?');
  await keyboard.press('Enter');
  const last = await next;
  last.piece('Now');
  await b.shows(lastReply(page), 'Now');
  await tabTo('Stop');
  last.finish();
  assert.equal(await b.settled(page), 'whole');
  await eventually(async () => (await focusedName()) === 'Message', 'the focus is lost with Stop');
  await keyboard.press('Shift+Tab');
  await tabTo('Sign out');
  await keyboard.press('Enter');
  await emailBox(page).waitFor();
});
