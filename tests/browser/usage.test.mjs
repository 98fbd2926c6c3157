// What was used today, and the tier, where the gateway tells.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, sleep } from '../lib/program.mjs';
import * as axe from './axe.mjs';
import * as b from './browser.mjs';
import { around, ask, begin, page, reopen, stack, streaming } from './fixture.mjs';
import { startRealStack } from './stack.mjs';

around();

const { button } = b;
const usage = () => button(page, 'Usage');
const panel = () => page.locator('.usage-panel');
const calls = () => stack.gateway.usageCalls.length;

async function chatting() {
  await b.signUp(page, stack.url);
  await ask('Hello', 'Hi.');
}

test('tokens, requests and tier of today', async () => {
  stack.gateway.usage = { tokens: 12_345, requests: 7 };
  stack.gateway.claims = { tier: 2 };
  await chatting();
  await usage().click();
  for (const part of ['Today', 'Tokens\n12,345', 'Requests\n7', 'Tier\n2']) await b.shows(panel(), part);
  const today = new Date().toISOString().slice(0, 10);
  const { query } = stack.gateway.usageCalls.find(({ pathname }) => pathname === '/v1/usage');
  assert.deepEqual(query, { from: today, granularity: 'day' });
});

test('and how much the tier allows, where the gateway says so', async () => {
  stack.gateway.usage = { tokens: 12_345, requests: 7, limits: { tokens_per_day: 50_000, requests_per_day: 100 } };
  await chatting();
  await usage().click();
  for (const part of ['Tokens\n12,345 of 50,000', 'Requests\n7 of 100']) await b.shows(panel(), part);
});

test('it is asked for anew after each reply, as long as it is open', async () => {
  stack.gateway.usage = { tokens: 100, requests: 1 };
  await chatting();
  const stream = await begin('More');
  await usage().click();
  await b.shows(panel(), 'Tokens\n100');
  stack.gateway.usage = { tokens: 250, requests: 2 };
  stream.piece('Yes.');
  stream.finish();
  await b.shows(panel(), 'Tokens\n250');
  await usage().click();
  const before = calls();
  await ask('Once more', 'Hi.');
  await sleep(300);
  assert.equal(calls(), before);
});

test('where the gateway offers none there is no trace of it', async () => {
  await chatting();
  await sleep(300);
  assert.equal(await usage().count(), 0);
  assert.equal(await panel().count(), 0);
});

test('a gateway that counts no requests shows tokens alone', async () => {
  stack.gateway.usage = { tokens: 100 };
  await chatting();
  await usage().click();
  await b.shows(panel(), 'Tokens\n100');
  assert.ok(!(await panel().innerText()).includes('Requests'));
});

test('a failure is said quietly, with Retry; what was known stays', async () => {
  stack.gateway.usage = { tokens: 100, requests: 1 };
  await chatting();
  await usage().waitFor();
  stack.gateway.usage = 500;
  await usage().click();
  await b.shows(panel(), 'out of date');
  await b.shows(panel(), 'Tokens\n100');
  assert.equal(await page.getByRole('alert').count(), 0);
  stack.gateway.usage = { tokens: 300, requests: 2 };
  await panel().getByRole('button', { name: 'Retry' }).click();
  await b.shows(panel(), 'Tokens\n300');
  assert.ok(!(await panel().innerText()).includes('out of date'));
});

test('by keyboard: Enter opens, Esc closes it and gives the focus back, and does not stop a reply', async () => {
  stack.gateway.usage = { tokens: 100, requests: 1 };
  await chatting();
  const stream = await streaming('More', 'Some');
  await usage().focus();
  await page.keyboard.press('Enter');
  await panel().waitFor();
  assert.equal(await usage().getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('Escape');
  await panel().waitFor({ state: 'hidden' });
  assert.equal(await usage().getAttribute('aria-expanded'), 'false');
  assert.ok(await usage().evaluate((element) => element === document.activeElement));
  assert.equal(await b.lastReply(page).getAttribute('data-state'), 'streaming');
  await usage().click();
  await page.getByRole('log').click();
  await panel().waitFor({ state: 'hidden' });
  stream.finish();
});

test('by keyboard: from Retry in it the focus comes back as well, by Esc and by its success', async () => {
  stack.gateway.usage = { tokens: 100, requests: 1 };
  await chatting();
  await usage().waitFor();
  const retry = panel().getByRole('button', { name: 'Retry' });
  const isBack = () => eventually(() => usage().evaluate((element) => element === document.activeElement), 'the focus is lost');
  stack.gateway.usage = 500;
  for (const leave of ['Escape', 'Enter']) {
    await usage().focus();
    await b.takes(page, /\/v1\/usage/, () => page.keyboard.press('Enter'));
    await retry.focus();
    if (leave === 'Enter') stack.gateway.usage = { tokens: 300, requests: 2 };
    await page.keyboard.press(leave);
    await isBack();
  }
  await b.shows(panel(), 'Tokens\n300');
});

test('nothing of it is left for the next person', async () => {
  stack.gateway.usage = { tokens: 777, requests: 1 };
  await chatting();
  await usage().click();
  await b.shows(panel(), '777');
  await button(page, 'Sign out').click();
  await b.emailBox(page).waitFor();
  stack.gateway.usage = null;
  await b.signUpHere(page);
  await ask('Hello', 'Hi.');
  assert.equal(await usage().count(), 0);
  assert.ok(!(await page.content()).includes('777'));
});

for (const colorScheme of ['light', 'dark']) {
  test(`at 320 px, ${colorScheme}: within the screen, and nothing for axe-core`, async () => {
    await reopen({ colorScheme, viewport: { width: 320, height: 640 } });
    stack.gateway.usage = { tokens: 12_345_678, requests: 12_345, limits: { tokens_per_day: 20_000_000, requests_per_day: 100_000 } };
    stack.gateway.keepsThreads = true;
    await chatting();
    assert.ok((await page.getByRole('banner').boundingBox()).height < 80, 'the header is in one row');
    await usage().click();
    stack.gateway.usage = 500;
    await usage().click();
    await usage().click();
    await b.shows(panel(), 'out of date');
    const box = await panel().boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 320, JSON.stringify(box));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
    await axe.isClean(page, 'usage');
  });
}

test('of the real gateway', async (t) => {
  const real = await startRealStack();
  t.after(() => real.stop());
  await b.signUp(page, real.url);
  await b.send(page, 'How do I add a user?');
  assert.equal(await b.settled(page), 'whole');
  await usage().click();
  await b.shows(panel(), 'Requests\n1 of 100');
  await b.shows(panel(), 'Tier\n1');
  const tokens = async () => Number(/Tokens\n([\d,]+)/.exec(await panel().innerText())[1].replaceAll(',', ''));
  const first = await tokens();
  assert.ok(first > 0);
  await b.messageBox(page).evaluate((box) => box.focus());
  await b.send(page, 'And how do I delete one?');
  assert.equal(await b.settled(page), 'whole');
  await usage().click();
  await b.shows(panel(), 'Requests\n2');
  await eventually(async () => (await tokens()) > first, 'the tokens are those of before');
});
