// Dialogs: how they close, where the focus goes then, and that no key is lost in between.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, page, reopen, stack } from './fixture.mjs';
import * as t from './threads.mjs';

around();
beforeEach(() => { stack.gateway.keepsThreads = true; });

const { button } = b;
const NARROW = { width: 320, height: 640 };
const WIDE = { width: 1280, height: 720 };
const deletion = () => page.getByRole('alertdialog', { name: 'Delete this conversation?' });
const finder = () => page.getByRole('dialog', { name: 'Find conversation' });
const drawer = () => page.getByRole('dialog', { name: 'Conversations', exact: true });
const askAboutFirst = () => t.nav().getByRole('button', { name: 'Delete conversation' }).first().click();
const isGone = (dialog) => eventually(async () => (await dialog().count()) === 0, 'it does not close');
const isFocused = (name) => eventually(async () => (await b.focusedName(page)) === name, `the focus is not on ${name}`);

const DIALOGS = {
  'the delete dialog': { dialog: deletion, open: askAboutFirst, closer: 'Cancel', opener: 'Delete conversation', viewport: WIDE },
  'the finder': { dialog: finder, open: () => page.keyboard.press('Control+k'), closer: 'Close', opener: 'Message', viewport: WIDE },
  'the drawer': {
    dialog: drawer, open: () => button(page, 'Show conversations').click(), closer: 'Close', opener: 'Show conversations', viewport: NARROW,
  },
};

async function show({ viewport, open, dialog }) {
  await reopen({ viewport });
  await b.signUp(page, stack.url);
  await t.seed([t.ALPHA, t.BETA]);
  await isFocused('Message');
  await open();
  await dialog().waitFor();
}

for (const [name, way] of Object.entries(DIALOGS)) {
  const ways = {
    'Esc': () => page.keyboard.press('Escape'),
    'its button': () => way.dialog().getByRole('button', { name: way.closer, exact: true }).click(),
    'a press beside it': () => page.mouse.click(way.viewport.width - 8, way.viewport.height - 8),
  };
  test(`${name} closes by ${Object.keys(ways).join(', ')}, and the focus is where it was`, async () => {
    await show(way);
    for (const close of Object.values(ways)) {
      await way.dialog().waitFor();
      await close();
      await isGone(way.dialog);
      await isFocused(way.opener);
      await way.open();
    }
  });
}

describe('Ctrl+K right after Esc', () => {
  /** The key comes before the browser has told the page that the dialog has closed. */
  const pressWhenItCloses = (dialog) => dialog().evaluate((element) => element.addEventListener('close', () => {
    window.hasPressed = true;
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', code: 'KeyK', ctrlKey: true, cancelable: true }));
  }, { capture: true, once: true }));

  for (const name of ['the delete dialog', 'the finder']) {
    test(`on ${name} opens the finder`, async () => {
      const way = DIALOGS[name];
      await show(way);
      await pressWhenItCloses(way.dialog);
      await page.keyboard.press('Escape');
      await eventually(() => page.evaluate(() => window.hasPressed));
      await finder().waitFor();
      await page.keyboard.type('beta');
      assert.equal(await page.getByRole('combobox').inputValue(), 'beta');
    });
  }
});

test('the delete dialog over the drawer leaves that open, and the focus in it', async () => {
  await show(DIALOGS['the drawer']);
  await askAboutFirst();
  await deletion().waitFor();
  await page.keyboard.press('Escape');
  await isGone(deletion);
  assert.equal(await drawer().count(), 1);
  await isFocused('Delete conversation');
  await page.keyboard.press('Escape');
  await isGone(drawer);
  await isFocused('Show conversations');
});

test('the keys of the page are not the browser’s as well', async () => {
  await show(DIALOGS['the finder']);
  await page.evaluate(() => {
    window.taken = [];
    window.addEventListener('keydown', (event) => { if (event.key.length === 1) window.taken.push([event.key, event.defaultPrevented]); });
  });
  for (const keys of ['Control+k', 'Meta+k', 'Control+Shift+O', 'Meta+Shift+O']) await page.keyboard.press(keys);
  assert.deepEqual(await page.evaluate(() => window.taken), [['k', true], ['k', true], ['O', true], ['O', true]]);
});

test('New chat brings the focus to the composer, also when nothing has been said yet', async () => {
  await reopen({ viewport: WIDE });
  await b.signUp(page, stack.url);
  await t.nav().waitFor(); // with which the button moves
  await button(page, 'New chat').focus();
  await page.keyboard.press('Enter');
  await isFocused('Message');
});
