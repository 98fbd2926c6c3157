// Deleting and finding conversations.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as axe from './axe.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack, streaming } from './fixture.mjs';
import * as t from './threads.mjs';

around();
beforeEach(() => { stack.gateway.keepsThreads = true; });

const { messageBox, button, prompts, lastReply } = b;
const { ALPHA, BETA, nav, links, path, isListed, signUpWith } = t;
const focusedName = () => b.focusedName(page);

describe('deleting', () => {
  const askAbout = (index) => nav().getByRole('button', { name: 'Delete conversation' }).nth(index).click();
  const dialog = () => page.getByRole('alertdialog', { name: 'Delete this conversation?' });

  test('asks first, and deletes for good', async () => {
    const { uid } = await signUpWith(ALPHA, BETA);
    await askAbout(0);
    await b.shows(dialog(), 'About alpha');
    assert.equal(await focusedName(), 'Cancel');
    await page.keyboard.press('Escape');
    await eventually(async () => (await dialog().count()) === 0);
    assert.equal(await focusedName(), 'Delete conversation');
    assert.equal(stack.gateway.threads.of(uid).length, 2);
    await askAbout(0);
    await button(page, 'Delete').click();
    await isListed('About beta');
    assert.deepEqual(stack.gateway.threads.of(uid).map(({ id }) => id), ['beta']);
    await eventually(async () => (await focusedName()) === 'About beta', 'the focus is lost');
  });

  test('the one on view leads to a new chat, and nothing of it is left', async () => {
    await signUpWith(ALPHA);
    await links().first().click();
    await b.shows(lastReply(page), 'first letter');
    await messageBox(page).fill('A draft of it');
    assert.match(await b.stored(page), /first letter/);
    await askAbout(0);
    await button(page, 'Delete').click();
    await b.shows(nav(), 'will be listed here');
    assert.equal(path(), '/');
    assert.equal(await messageBox(page).inputValue(), '');
    assert.doesNotMatch(await b.stored(page), /first letter|draft of it/);
    await page.goBack();
    await eventually(async () => path() !== '/c/alpha' || (await page.getByRole('heading', { name: 'Conversation not found' }).count()) === 1);
  });

  test('copes with one that is gone already', async () => {
    const { uid } = await signUpWith(ALPHA, BETA);
    stack.gateway.threads.remove(uid, 'alpha');
    await askAbout(0);
    await button(page, 'Delete').click();
    await isListed('About beta');
    assert.equal(await dialog().count(), 0);
  });

  test('says when it does not work, and keeps the thread', async () => {
    await signUpWith(ALPHA);
    stack.gateway.refuseThreads(/^DELETE/, 500);
    await askAbout(0);
    await button(page, 'Delete').click();
    await b.shows(dialog().getByRole('alert'), 'still there');
    await button(page, 'Cancel').click();
    await isListed('About alpha');
  });

  test('one that another tab has deleted is found to be gone when it is opened', async () => {
    const { uid } = await signUpWith(ALPHA, BETA);
    stack.gateway.threads.remove(uid, 'alpha');
    await links().first().click();
    await page.getByRole('heading', { name: 'Conversation not found' }).waitFor();
    await isListed('About beta');
  });

  test('one in mid-stream ends its stream', async () => {
    await signUpWith();
    const stream = await streaming('A long story', 'Once');
    await askAbout(0);
    await button(page, 'Delete').click();
    await stream.closed();
    await b.shows(nav(), 'will be listed here');
    assert.equal(await prompts(page).count(), 0);
  });
});

describe('the finder', () => {
  const open = () => page.keyboard.press('Control+k');
  const box = () => page.getByRole('combobox', { name: 'Title of the conversation' });

  test('finds by words of the title, with the keyboard alone', async () => {
    await signUpWith(ALPHA, BETA, { id: 'cafe', title: 'A Café in Greece' });
    await open();
    await box().waitFor();
    assert.equal(await page.getByRole('option').count(), 3);
    await page.keyboard.type('greece cafe');
    await eventually(async () => (await page.getByRole('option').count()) === 1);
    await box().fill('about');
    await eventually(async () => (await page.getByRole('option').count()) === 2);
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.getByRole('option', { selected: true }).locator('span').innerText(), 'About beta');
    await page.keyboard.press('Enter');
    await b.shows(lastReply(page), 'second letter');
    assert.equal(await page.getByRole('dialog').count(), 0);
    await eventually(async () => (await focusedName()) === 'Message', 'the focus is not in the composer');
  });

  test('closes by Esc without stopping the reply, and the focus comes back', async () => {
    await signUpWith(ALPHA);
    const stream = await streaming('A long story', 'Once');
    await open();
    await page.keyboard.type('nothing like it');
    await b.shows(page.getByRole('dialog'), 'No title has these words.');
    await page.keyboard.press('Escape');
    await eventually(async () => (await page.getByRole('dialog').count()) === 0);
    assert.equal(await focusedName(), 'Message');
    assert.equal(await lastReply(page).getAttribute('data-state'), 'streaming');
    stream.finish();
    assert.equal(await b.settled(page), 'whole');
  });

  test('searches what the list has not loaded yet', async () => {
    await signUpWith(...Array.from({ length: 260 }, (_, index) => ({ id: `t${index}`, title: `Thread ${index}` })));
    await open();
    await page.keyboard.type('259');
    await eventually(async () => (await page.getByRole('option').count()) === 1, 'the oldest is not found');
    assert.equal(await button(page, 'Search older ones').count(), 0);
  });

  test('says how far it has searched, and goes on when asked to', async () => {
    await signUpWith(...Array.from({ length: 2100 }, (_, index) => ({ id: `t${index}`, title: `Thread ${index}` })));
    await open();
    await page.keyboard.type('2099');
    await b.shows(page.getByRole('dialog'), 'The newest 2,050 were searched.');
    await b.shows(page.getByRole('dialog'), 'No title has these words.');
    await axe.isClean(page, 'the finder, with more to search');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await eventually(async () => (await page.getByRole('option').count()) === 1, 'the oldest is not found');
    assert.equal(await button(page, 'Search older ones').count(), 0);
    assert.ok(await box().evaluate((element) => element === document.activeElement));
  });
});

test('Ctrl+Shift+O begins a new chat from everywhere', async () => {
  await signUpWith(ALPHA);
  await links().first().click();
  await b.shows(lastReply(page), 'first letter');
  await links().first().focus();
  await page.keyboard.press('Control+Shift+O');
  assert.equal(path(), '/');
  assert.equal(await prompts(page).count(), 0);
  await eventually(async () => (await focusedName()) === 'Message');
});
