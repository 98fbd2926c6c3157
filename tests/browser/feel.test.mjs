// Themes, keyboards of phones, and how much is loaded at first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BUILD, eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, browser, page, reopen, stack, streaming } from './fixture.mjs';
import * as t from './threads.mjs';

let account;
around({
  prepare: async () => {
    const first = await b.openPage(browser);
    account = await b.signUp(first, stack.url);
    await first.context().close();
  },
});

async function come(options) {
  await reopen(options);
  await page.goto(stack.url);
  await b.signIn(page, account);
  await b.messageBox(page).waitFor();
}

const { button } = b;

describe('themes', () => {
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const brightness = async () => (await background()).match(/\d+/g).slice(0, 3).reduce((sum, value) => sum + Number(value), 0);

  test('by the system', async () => {
    await come({ colorScheme: 'dark' });
    assert.ok((await brightness()) < 150);
    await page.emulateMedia({ colorScheme: 'light' });
    assert.ok((await brightness()) > 600);
  });

  test('by the switch, which is remembered over sign-out', async () => {
    await come({ colorScheme: 'light' });
    await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
    assert.ok((await brightness()) < 150);
    await page.reload();
    await b.messageBox(page).waitFor();
    assert.ok((await brightness()) < 150);
    await button(page, 'Sign out').click();
    await b.emailBox(page).waitFor();
    assert.ok((await brightness()) < 150);
    assert.ok(await page.getByRole('radio', { name: 'Dark' }).isChecked());
    await page.getByRole('radio', { name: 'System' }).check({ force: true });
    assert.ok((await brightness()) > 600);
  });

  test('nothing moves for those who want less motion', async () => {
    await come({ reducedMotion: 'reduce' });
    const stream = await streaming('Hello', 'Some text');
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    stream.finish();
  });
});

test('the composer stays in view when a keyboard takes half of the height', async () => {
  await come({ viewport: { width: 320, height: 640 } });
  await page.setViewportSize({ width: 320, height: 320 });
  await b.messageBox(page).focus();
  await eventually(async () => {
    const box = await b.messageBox(page).boundingBox();
    return box.y >= 0 && box.y + box.height <= 320;
  }, 'the composer is out of view');
  assert.match(await page.locator('meta[name=viewport]').getAttribute('content'), /interactive-widget=resizes-content/);
});

test('a keyboard that lies over the page, as on iOS, leaves the composer above it', async () => {
  await come({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
  const resize = (height) => page.evaluate((value) => {
    Object.defineProperty(visualViewport, 'height', { value, configurable: true });
    visualViewport.dispatchEvent(new Event('resize'));
  }, height);
  const bottom = async () => {
    const box = await b.messageBox(page).boundingBox();
    return box.y + box.height;
  };
  await resize(420);
  await eventually(async () => (await bottom()) <= 420, 'the composer is below the keyboard');
  await resize(800);
  await eventually(async () => (await bottom()) > 600, 'it does not come back');
});

test('on a touch screen the focus stays in the conversation when its button goes', async () => {
  await come({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
  const focusIn = (name) => eventually(() => page.evaluate((role) => document.activeElement.getAttribute('role') === role, name), 'the focus is elsewhere');
  const stream = stack.gateway.hold();
  await b.messageBox(page).fill('Go');
  await b.button(page, 'Send').tap();
  await focusIn('log');
  (await stream).piece('On.');
  await b.shows(b.lastReply(page), 'On.');
  await b.button(page, 'Stop').tap();
  await focusIn('log');
  stack.gateway.answer('Again.');
  await b.button(page, 'Regenerate').tap();
  await focusIn('log');
});

test('in forced colours what is chosen and what goes on is seen', async () => {
  stack.gateway.keepsThreads = true;
  await reopen({ forcedColors: 'active' });
  await t.signUpWith(t.ALPHA);
  await t.links().first().click();
  await b.shows(b.lastReply(page), 'first letter');
  const stream = stack.gateway.hold();
  await b.send(page, 'Go');
  await stream;
  const style = (selector, ...names) => page.evaluate(([where, of]) => of.map((name) => getComputedStyle(document.querySelector(where))[name]), [selector, names]);
  assert.deepEqual(await style('.bubble', 'borderTopStyle'), ['solid']);
  assert.deepEqual(await style('.thread.is-current', 'borderTopStyle'), ['solid']);
  assert.deepEqual(await style('.theme-switch label:has(:checked)', 'outlineStyle'), ['solid']);
  assert.deepEqual(await style('.waiting', 'forcedColorAdjust'), ['none']);
  await page.keyboard.press('Control+k');
  await page.getByRole('option').first().waitFor();
  assert.deepEqual(await style('.finder-list [aria-selected=true]', 'outlineStyle'), ['solid']);
});

test('the browser is coloured as the page is', async () => {
  await come({ colorScheme: 'light' });
  const colours = () => page.evaluate(() => [...document.querySelectorAll('meta[name=theme-color]')].filter(({ media }) => matchMedia(media).matches).map(({ content }) => content));
  const [light] = await colours();
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  const [dark, ...more] = await colours();
  assert.notEqual(dark, light);
  assert.deepEqual(more, []);
  await page.getByRole('radio', { name: 'System' }).check({ force: true });
  assert.deepEqual(await colours(), [light]);
});

describe('the first load', () => {
  test('is at most 100 KB compressed, all from here, with one script, and kept for good where its name has a hash', async () => {
    const responses = [];
    page.on('response', (response) => responses.push(response));
    await page.goto(stack.url, { waitUntil: 'networkidle' });
    await b.emailBox(page).waitFor();
    const loaded = responses.filter((response) => !response.url().includes('/api/'));
    let total = 0;
    for (const response of loaded) {
      assert.ok(response.url().startsWith(`${stack.url}/`), response.url());
      total += (await response.request().sizes()).responseBodySize;
      if (!/\.(js|css|svg)$/.test(response.url())) continue;
      assert.match(response.url(), /-[0-9A-Z]{8}\.\w+$/);
      assert.match(response.headers()['cache-control'], /immutable/);
      if (!response.url().endsWith('.svg')) assert.equal(response.headers()['content-encoding'], 'gzip');
    }
    assert.ok(total > 20_000 && total <= 100_000, `${total} bytes`);
    assert.equal(loaded.filter((response) => response.url().endsWith('.js')).length, 1);
    assert.equal(loaded.filter((response) => response.url().endsWith('.css')).length, 1);
  });

  test('every file has its compressed twin', async () => {
    const root = path.join(BUILD, 'www');
    const files = ['index.html', ...readdirSync(path.join(root, 'assets')).map((name) => `assets/${name}`)].filter((name) => !name.endsWith('.gz'));
    assert.ok(files.length >= 5, files.join());
    for (const file of files) {
      const plain = readFileSync(path.join(root, file));
      assert.ok(gunzipSync(readFileSync(path.join(root, `${file}.gz`))).equals(plain), file);
    }
  });
});

test('on paper the whole conversation is there and nothing else, dark on light', async () => {
  await b.signUp(page, stack.url);
  await ask('A long story', `${'Many words in a row.\n\n'.repeat(80)}\`\`\`\n${'word '.repeat(200)}\n\`\`\`\n`);
  await page.getByLabel('Dark').check({ force: true });
  await page.emulateMedia({ media: 'print' });
  const found = await page.evaluate(() => {
    const log = document.querySelector('[role=log]');
    const code = log.querySelector('pre');
    return {
      hidden: log.scrollHeight - log.clientHeight,
      isAllOnPage: document.documentElement.scrollHeight >= log.scrollHeight,
      cut: code.scrollWidth - code.clientWidth,
      buttons: [...document.querySelectorAll('button, textarea')].filter((element) => element.checkVisibility()).length,
      scheme: getComputedStyle(document.documentElement).colorScheme,
    };
  });
  assert.deepEqual(found, { hidden: 0, isAllOnPage: true, cut: 0, buttons: 0, scheme: 'light' });
});
