// Scrolling, themes, narrow screens, and how much is loaded at first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BUILD, eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, begin, browser, page, reopen, stack, streaming } from './fixture.mjs';

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

const { button, lastReply } = b;
const PARAGRAPH = `${'Many words in a row. '.repeat(12)}\n\n`;

describe('scrolling while a reply streams', () => {
  const log = () => page.getByRole('log', { name: 'Conversation' });
  const fromEnd = () => log().evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
  const top = () => log().evaluate((element) => element.scrollTop);

  async function streaming() {
    const stream = await begin('A long story');
    stream.piece(PARAGRAPH.repeat(15));
    await eventually(async () => (await top()) > 300, 'the view did not follow');
    return stream;
  }

  const ways = {
    'the wheel': async () => {
      await log().hover();
      await page.mouse.wheel(0, -50);
    },
    'a script': () => log().evaluate((element) => element.scrollBy(0, -50)),
    'the keyboard': async () => {
      await log().focus();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
    },
  };
  for (const [name, scrollUp] of Object.entries(ways)) {
    test(`up by 50 px with ${name} stays put, and Jump to latest pins it again`, async () => {
      await come();
      const stream = await streaming();
      assert.ok((await fromEnd()) <= 8);
      assert.equal(await button(page, 'Jump to latest').count(), 0);
      await scrollUp();
      await eventually(async () => (await fromEnd()) >= 30, 'it did not scroll');
      let before = -1;
      await eventually(async () => before === (before = await top()), 'it did not come to rest');
      for (let i = 0; i < 10; i++) {
        stream.piece(PARAGRAPH);
        await b.shows(lastReply(page), 'Many words');
      }
      stream.piece('MARK');
      await b.shows(lastReply(page), 'MARK');
      assert.equal(await top(), before);
      await button(page, 'Jump to latest').click();
      await eventually(async () => (await fromEnd()) <= 8, 'it did not jump');
      stream.piece(PARAGRAPH.repeat(3));
      stream.piece('SECOND');
      await b.shows(lastReply(page), 'SECOND');
      await eventually(async () => (await fromEnd()) <= 8, 'it is not pinned');
      assert.equal(await button(page, 'Jump to latest').count(), 0);
      stream.finish();
    });
  }

  test('scrolling back to the end by hand pins it as well', async () => {
    await come();
    const stream = await streaming();
    await log().hover();
    await page.mouse.wheel(0, -400);
    await button(page, 'Jump to latest').waitFor();
    await page.mouse.wheel(0, 2000);
    await button(page, 'Jump to latest').waitFor({ state: 'detached' });
    stream.piece(PARAGRAPH.repeat(5));
    stream.piece('MARK');
    await b.shows(lastReply(page), 'MARK');
    await eventually(async () => (await fromEnd()) <= 8, 'it is not pinned');
    stream.finish();
  });
});

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
    const stream = await begin('Hello');
    stream.piece('Some text');
    await b.shows(lastReply(page), 'Some text');
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    stream.finish();
  });
});

describe('a screen of 320 px', () => {
  const overhang = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

  test('never scrolls sideways', async () => {
    await reopen({ viewport: { width: 320, height: 640 } });
    await page.goto(stack.url);
    await b.emailBox(page).waitFor();
    assert.equal(await overhang(), 0, 'sign-in');
    await b.signIn(page, account, 'wrong password');
    await eventually(async () => await page.getByRole('alert').innerText());
    assert.equal(await overhang(), 0, 'error');
    await b.signIn(page, account);
    await b.messageBox(page).waitFor();
    assert.equal(await overhang(), 0, 'empty');
    stack.gateway.answer([
      'https://example.org/' + 'long'.repeat(60),
      '```\n' + 'code '.repeat(60) + '\n```',
      '| ' + 'wide | '.repeat(20) + '\n|' + '---|'.repeat(20) + '\n| ' + 'cell | '.repeat(20),
      '`' + 'unbroken'.repeat(30) + '`',
      '# ' + 'Heading'.repeat(20),
    ].join('\n\n'));
    await b.send(page, 'w'.repeat(400));
    await b.settled(page);
    assert.equal(await overhang(), 0, 'conversation');
    const log = page.getByRole('log');
    assert.equal(await log.evaluate((element) => element.scrollWidth - element.clientWidth), 0, 'log');
    stack.gateway.refuse(500, { message: 'x'.repeat(300), times: 3 });
    await b.send(page, 'again');
    await b.settled(page);
    assert.equal(await overhang(), 0, 'failure');
    for (const name of ['New chat', 'Sign out', 'Send']) {
      const box = await button(page, name).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 320, name);
    }
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
