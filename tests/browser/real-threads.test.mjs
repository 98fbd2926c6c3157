// Conversations with nothing scripted: behest-gateway keeps them, and a model's server speaks slowly when it is told to.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { eventually, within } from '../lib/program.mjs';
import { ScriptedUpstream, replies as answers } from '../lib/scripted-upstream.mjs';
import * as b from './browser.mjs';
import { around, page, stack } from './fixture.mjs';
import { startRealStack } from './stack.mjs';
import * as t from './threads.mjs';

let upstream;
around({
  start: async () => {
    upstream = await ScriptedUpstream.start();
    return startRealStack({ gatewayEnv: { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_TIERS: '1:1000,10000,10000000' } });
  },
});
beforeEach(() => upstream.reset());
after(() => upstream?.close());

const { messageBox, emailBox, button, prompts, replies, lastReply } = b;

async function ask(text, ...pieces) {
  upstream.next = [answers.stream(pieces)];
  await b.send(page, text);
  assert.equal(await b.settled(page), 'whole');
}

/** Sends a message whose reply is in the test's hands. */
async function begin(text, piece) {
  let hands;
  upstream.next = [answers.byHand((given) => { hands = given; })];
  if (text) await b.send(page, text);
  else await button(page, 'Regenerate').click();
  await eventually(() => hands, 'the model was not asked');
  hands.piece(piece);
  await b.shows(lastReply(page), piece);
  return hands;
}

const sent = () => upstream.requests.at(-1).body.messages.map(({ content }) => content);

test('threads are listed, opened, continued, found and deleted', async () => {
  await b.signUp(page, stack.url);
  await t.nav().waitFor();
  await ask('What is alpha?', 'The first ', 'letter.');
  const alpha = t.path();
  await button(page, 'New chat').click();
  await ask('What is beta?', 'The second ', 'letter.');
  await t.isListed('What is beta?', 'What is alpha?');
  await page.evaluate(() => localStorage.clear());
  await t.links().nth(1).click();
  await b.shows(lastReply(page), 'The first letter.');
  assert.equal(t.path(), alpha);
  await ask('And gamma?', 'The third.');
  assert.deepEqual(sent(), ['What is alpha?', 'The first letter.', 'And gamma?']);
  await t.isListed('What is alpha?', 'What is beta?');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('beta');
  await page.keyboard.press('Enter');
  await b.shows(lastReply(page), 'The second letter.');
  await t.nav().getByRole('button', { name: 'Delete conversation' }).nth(1).click();
  await button(page, 'Delete').click();
  await t.isListed('What is alpha?');
  assert.equal(t.path(), '/');
  await page.goBack();
  await page.reload();
  await eventually(async () => (await page.getByRole('heading', { name: 'Conversation not found' }).count()) + (await replies(page).count()) > 0);
});

test('a reload in mid-stream shows what the gateway has, once', async () => {
  await b.signUp(page, stack.url);
  const hands = await begin('Count', 'one ');
  await page.reload();
  await b.shows(lastReply(page), 'one');
  hands.piece('two ');
  await eventually(async () => (await lastReply(page).getAttribute('data-state')) === 'incomplete', 'it is not seen to have ended');
  assert.deepEqual(await prompts(page).allInnerTexts(), ['Count']);
  assert.equal(await replies(page).count(), 1);
  upstream.next = [answers.stream(['one two three'])];
  await button(page, 'Retry').click();
  assert.equal(await b.settled(page), 'whole');
  await page.reload();
  await b.shows(lastReply(page), 'one two three');
  assert.deepEqual(await prompts(page).allInnerTexts(), ['Count']);
  assert.equal(await replies(page).count(), 1);
});

test('another tab sees a reply being written, to its end', async () => {
  await b.signUp(page, stack.url);
  const hands = await begin('Count', 'one ');
  const other = await page.context().newPage();
  await other.goto(page.url());
  await eventually(async () => (await lastReply(other).count()) === 1 && (await lastReply(other).getAttribute('data-state')) === 'streaming');
  hands.piece('two');
  hands.done();
  assert.equal(await b.settled(page), 'whole');
  await b.shows(lastReply(other), 'one two');
  assert.equal(await b.settled(other), 'whole');
  assert.equal(await replies(other).count(), 1);
});

test('what was stopped does not grow', async () => {
  await b.signUp(page, stack.url);
  const hands = await begin('Count', 'one ');
  await button(page, 'Stop').click();
  await within(hands.seen.gone, 'the model goes on');
  hands.piece('two ');
  const before = await lastReply(page).innerText();
  await b.takes(page, /\/messages\?/, () => page.reload());
  assert.equal(await lastReply(page).getAttribute('data-state'), 'stopped');
  assert.equal(await lastReply(page).innerText(), before);
});

test('Regenerate and Edit put a new thread in the place of the old one', async () => {
  await b.signUp(page, stack.url);
  await ask('What is alpha?', 'A letter.');
  await ask('Which?', 'The first.');
  const before = t.path();
  const hands = await begin(null, 'Number ');
  await b.shows(replies(page).nth(1), 'The first.');
  assert.deepEqual(sent(), ['What is alpha?', 'A letter.', 'Which?']);
  hands.piece('one.');
  hands.done();
  await eventually(async () => (await replies(page).count()) === 2);
  await b.shows(lastReply(page), 'Number one.');
  await t.isListed('What is alpha?');
  assert.notEqual(t.path(), before);
  upstream.next = [answers.stream(['The second.'])];
  await prompts(page).first().getByRole('button', { name: 'Edit' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Edited message' }).fill('What is beta?');
  await page.keyboard.press('Enter');
  await b.shows(lastReply(page), 'The second.');
  await eventually(async () => (await replies(page).count()) === 1);
  await t.isListed('What is beta?');
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await b.shows(lastReply(page), 'The second.');
  assert.deepEqual(await prompts(page).allInnerTexts(), ['What is beta?']);
  await ask('Sure?', 'Yes.');
  assert.deepEqual(sent(), ['What is beta?', 'The second.', 'Sure?']);
  await page.goto(`${stack.url}${before}`);
  await page.getByRole('heading', { name: 'Conversation not found' }).waitFor();
});

test('one person’s thread does not exist for the next at the same browser', async () => {
  const answers = [];
  page.on('response', (response) => answers.push(response));
  const email = await b.signUp(page, stack.url);
  await t.nav().waitFor();
  await ask('The zebra question', 'The zebra answer.');
  const address = t.path();
  await button(page, 'Sign out').click();
  await emailBox(page).waitFor();
  assert.doesNotMatch(await page.content(), /zebra/);
  await b.signUp(page, stack.url);
  await page.goto(`${stack.url}${address}`);
  await page.getByRole('heading', { name: 'Conversation not found' }).waitFor();
  assert.doesNotMatch(await page.content(), /zebra/);
  await button(page, 'Sign out').click();
  await emailBox(page).waitFor();
  await page.goto(`${stack.url}${address}`);
  await b.signIn(page, email);
  await b.shows(lastReply(page), 'The zebra answer.');
  assert.equal(t.path(), address);
  await messageBox(page).waitFor();
  const personal = answers.filter((answer) => /\/(v1|api)\//.test(answer.url()) && answer.request().method() !== 'OPTIONS');
  assert.ok(personal.some((answer) => answer.url().includes('/messages')), 'a conversation is among what was answered');
  const cacheable = personal.filter((answer) => answer.headers()['cache-control'] !== 'no-store').map((answer) => answer.url());
  assert.deepEqual(cacheable, [], 'what the browser may keep');
});
