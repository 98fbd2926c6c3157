// Conversations for everybody: axe-core in each state, the keyboard alone, and a narrow screen.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as axe from './axe.mjs';
import * as b from './browser.mjs';
import { around, page, reopen, stack } from './fixture.mjs';
import * as t from './threads.mjs';

around();
beforeEach(() => { stack.gateway.keepsThreads = true; });

const { messageBox, button, prompts, replies, lastReply } = b;
const isClean = (state) => axe.isClean(page, state);
const focusedName = () => b.focusedName(page);
const tabTo = (name, key) => b.tabTo(page, name, key);
const NARROW = { viewport: { width: 320, height: 640 } };

async function open(options, ...threads) {
  await reopen(options);
  await b.signUp(page, stack.url);
  return t.seed(threads, { apart: 40 * 3_600_000 });
}

const openDrawer = () => button(page, 'Show conversations').click();

for (const colorScheme of ['light', 'dark']) {
  test(`axe-core finds nothing, ${colorScheme}`, async () => {
    await open({ colorScheme }, t.ALPHA, t.BETA);
    await t.links().first().waitFor();
    await isClean('list');
    const release = stack.gateway.holdThreads(/alpha\/messages$/);
    await t.links().first().click();
    await b.shows(page.getByRole('log'), 'Loading the conversation');
    await isClean('loading');
    release();
    await b.shows(lastReply(page), 'first letter');
    await prompts(page).first().getByRole('button', { name: 'Edit' }).click();
    await isClean('editing');
    await page.keyboard.press('Escape');
    const held = stack.gateway.hold();
    await button(page, 'Regenerate').click();
    const stream = await held;
    stream.piece('Half');
    await b.shows(lastReply(page), 'Half');
    await isClean('regenerating');
    stream.end();
    await button(page, 'Dismiss').waitFor();
    await isClean('regenerating failed');
    await t.nav().getByRole('button', { name: 'Delete conversation' }).first().click();
    await page.getByRole('alertdialog').waitFor();
    await isClean('delete dialog');
    await button(page, 'Cancel').click();
    await eventually(async () => (await page.getByRole('alertdialog').count()) === 0);
    await page.keyboard.press('Control+k');
    await page.getByRole('option').first().waitFor();
    await isClean('finder');
    await page.keyboard.type('nothing');
    await b.shows(page.getByRole('dialog'), 'No title has these words.');
    await isClean('finder without a result');
    await page.keyboard.press('Escape');
    await page.goto(`${stack.url}/c/nowhere`);
    await page.getByRole('heading', { name: 'Conversation not found' }).waitFor();
    await isClean('not found');
    stack.gateway.refuseThreads(/^GET \/v1\/threads$/, 500);
    await page.reload();
    await b.shows(t.nav(), 'could not be loaded');
    await isClean('list failed');
    await page.setViewportSize(NARROW.viewport);
    await button(page, 'Retry').count();
    await openDrawer();
    await page.getByRole('dialog', { name: 'Conversations' }).waitFor();
    await isClean('drawer');
  });
}

test('from the list to an edited and a deleted conversation by keyboard alone', async () => {
  const uid = await open({}, t.ALPHA, t.BETA);
  await t.links().first().waitFor();
  const { keyboard } = page;
  await eventually(async () => (await focusedName()) === 'Message');
  await tabTo('About beta', 'Shift+Tab');
  await keyboard.press('Enter');
  await b.shows(lastReply(page), 'second letter');
  await eventually(async () => (await focusedName()) === 'Message', 'the focus is not in the composer');
  await tabTo('Edit', 'Shift+Tab');
  await keyboard.press('Enter');
  assert.equal(await focusedName(), 'Edited message');
  await keyboard.type(' And gamma?');
  const held = stack.gateway.hold();
  await tabTo('Send again');
  await keyboard.press('Enter');
  const stream = await held;
  assert.equal(stack.gateway.completions.at(-1).body.messages.at(-1).content, 'What is beta? And gamma?');
  await eventually(async () => (await focusedName()) === 'Message', 'the focus is lost with the form');
  stream.piece('Letters.');
  stream.finish();
  await eventually(async () => (await replies(page).count()) === 1);
  await tabTo('Regenerate', 'Shift+Tab');
  await tabTo('About alpha', 'Shift+Tab');
  await keyboard.press('Tab');
  assert.equal(await focusedName(), 'Delete conversation');
  await keyboard.press('Enter');
  await page.getByRole('alertdialog').waitFor();
  await tabTo('Delete');
  await keyboard.press('Enter');
  await eventually(() => stack.gateway.threads.of(uid).length === 1, 'it was not deleted');
  await eventually(async () => (await page.getByRole('alertdialog').count()) === 0);
  await eventually(async () => /And gamma/.test(await focusedName()), 'the focus is not in the list');
});

describe('at 320 px', () => {
  const drawer = () => page.getByRole('dialog', { name: 'Conversations' });

  test('the list is a drawer that opens by a button and closes by Esc, the focus going in and coming back', async () => {
    await open(NARROW, t.ALPHA);
    await button(page, 'Show conversations').waitFor();
    assert.equal(await t.nav().count(), 0);
    await openDrawer();
    await drawer().waitFor();
    assert.ok(await drawer().evaluate((element) => element.contains(document.activeElement)), 'the focus is not in the drawer');
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      assert.ok(await drawer().evaluate((element) => element.contains(document.activeElement) || document.activeElement === document.body));
    }
    await page.keyboard.press('Escape');
    await eventually(async () => (await drawer().count()) === 0);
    assert.equal(await focusedName(), 'Show conversations');
  });

  test('it closes by choosing, and by a tap beside it', async () => {
    await open(NARROW, t.ALPHA);
    await openDrawer();
    await t.links().first().click();
    await b.shows(lastReply(page), 'first letter');
    await eventually(async () => (await drawer().count()) === 0);
    assert.equal(t.path(), '/c/alpha');
    await openDrawer();
    await drawer().waitFor();
    await page.mouse.click(312, 320);
    await eventually(async () => (await drawer().count()) === 0);
  });

  test('deleting and finding work in it', async () => {
    await open(NARROW, t.ALPHA, t.BETA);
    await openDrawer();
    await t.nav().getByRole('button', { name: 'Delete conversation' }).first().click();
    await button(page, 'Delete').click();
    await t.isListed('About beta');
    await button(page, 'Find conversation').click();
    await page.getByRole('combobox').fill('beta');
    await page.keyboard.press('Enter');
    await b.shows(lastReply(page), 'second letter');
    assert.equal(await page.getByRole('dialog').count(), 0);
  });
});

describe('a button that goes with what it asked for leaves the focus where one goes on', () => {
  const press = async (control) => {
    await control.focus();
    await page.keyboard.press('Enter');
    await control.waitFor({ state: 'detached' });
  };
  const isFocused = (name) => eventually(async () => (await focusedName()) === name, `the focus is not on ${name}`);

  test('of a history and of the list', async () => {
    const messages = Array.from({ length: 65 }, (_, index) => [['user', `Question ${index}`], ['assistant', `Answer ${index}.`]]).flat();
    await open({}, { ...t.ALPHA, messages }, t.BETA);
    const log = page.getByRole('log');
    stack.gateway.refuseThreads(/alpha\/messages$/, 500);
    await t.links().first().click();
    await press(log.getByRole('button', { name: 'Retry' }));
    await isFocused('Message');
    await b.shows(lastReply(page), 'Answer 64.');
    await log.evaluate((element) => element.scrollTo(0, 0));
    await press(button(page, 'Show earlier messages'));
    await isFocused('Conversation');
    assert.equal(await prompts(page).count(), 65);
    await press(button(page, 'Jump to latest'));
    await isFocused('Message');
    stack.gateway.refuseThreads(/^GET \/v1\/threads$/, 500);
    await page.reload();
    await press(t.nav().getByRole('button', { name: 'Retry' }));
    await isFocused('About beta');
  });

  test('of a reply', async () => {
    await open({}, t.ALPHA);
    await t.links().first().click();
    await b.shows(lastReply(page), 'first letter');
    const refused = stack.gateway.hold();
    await press(button(page, 'Regenerate'));
    await isFocused('Message');
    (await refused).refuse(422, 'No', undefined, {});
    await press(button(page, 'Dismiss'));
    await isFocused('Message');
    stack.gateway.refuse(422);
    await b.send(page, 'More');
    assert.equal(await b.settled(page), 'failed');
    const held = stack.gateway.hold();
    await press(button(page, 'Retry'));
    await isFocused('Message');
    (await held).finish();
  });
});
