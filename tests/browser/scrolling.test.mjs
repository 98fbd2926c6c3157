// Whose scrolling it is: the view follows the newest text until somebody scrolls away, and then stays where it is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, begin, page, stack } from './fixture.mjs';
import * as t from './threads.mjs';

around();

const { button, lastReply, messageBox } = b;
const PARAGRAPH = `${'Many words in a row. '.repeat(12)}\n\n`;
const log = () => page.getByRole('log', { name: 'Conversation' });
const fromEnd = () => log().evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
const top = () => log().evaluate((element) => element.scrollTop);

async function streaming(end = '') {
  const stream = await begin('A long story');
  stream.piece(`${PARAGRAPH.repeat(15)}${end}`);
  await eventually(async () => (await top()) > 300, 'the view did not follow');
  return stream;
}

const rest = () => b.atRest(page, log());

describe('while a reply streams', () => {
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
      await b.signUp(page, stack.url);
      const stream = await streaming();
      assert.ok((await fromEnd()) <= 8);
      assert.equal(await button(page, 'Jump to latest').count(), 0);
      await scrollUp();
      await eventually(async () => (await fromEnd()) >= 30, 'it did not scroll');
      const before = await rest();
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
    await b.signUp(page, stack.url);
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

describe('50 px away from the end the view stays where it is', () => {
  const CODE = '```js\nconst answer = "42"; // a comment\n```\n\n';
  /** What is read there, and how far below the top of the screen it is. */
  const view = () => log().evaluate((element) => {
    const middle = element.getBoundingClientRect().top + 100;
    const read = [...element.querySelectorAll('.markdown p')].find((paragraph) => paragraph.getBoundingClientRect().bottom > middle);
    window.read ??= read;
    return window.read.getBoundingClientRect().top;
  });
  const isStill = async (before, what) => assert.ok(Math.abs((await view()) - before) < 1, `${what}: ${before} became ${await view()}`);

  async function away(beginning = '') {
    await b.signUp(page, stack.url);
    const stream = await streaming(beginning);
    await log().evaluate((element) => element.scrollBy(0, -50));
    await eventually(async () => (await fromEnd()) >= 40, 'it did not scroll');
    await rest();
    return [stream, await view()];
  }

  test('when the composer grows and shrinks', async () => {
    const [stream, before] = await away();
    for (const lines of [3, 12, 1, 0]) {
      await messageBox(page).fill('line\n'.repeat(lines));
      stream.piece(PARAGRAPH);
      await rest();
      await isStill(before, `${lines} lines`);
    }
    stream.finish();
  });

  test('when code is highlighted late', async () => {
    let release;
    await page.route('**/highlight-*.js', async (route) => {
      await new Promise((resolve) => { release = resolve; });
      await route.continue();
    });
    const [stream, before] = await away(`${CODE.repeat(4)}${PARAGRAPH.repeat(2)}`);
    stream.piece(`${CODE.repeat(4)}${PARAGRAPH}`);
    await eventually(() => release, 'the highlighter is not asked for');
    await isStill(before, 'before');
    release();
    await eventually(async () => (await page.locator('pre code span').count()) > 0, 'nothing is highlighted');
    await rest();
    await isStill(before, 'highlighted');
    stream.finish();
  });

  const ends = {
    'when it ends': [(stream) => stream.finish(), 'whole'],
    'when it is stopped': [() => button(page, 'Stop').click(), 'stopped'],
    'when it breaks off': [(stream) => stream.cut(), 'incomplete'],
    'when it ends without a reason': [(stream) => stream.end(), 'incomplete'],
  };
  for (const [name, [end, state]] of Object.entries(ends)) {
    test(name, async () => {
      const [stream, before] = await away();
      await end(stream);
      assert.equal(await b.settled(page), state);
      await rest();
      await isStill(before, state);
    });
  }
});

describe('at the end the view stays there', () => {
  const isAtEnd = async (what) => {
    await eventually(async () => (await fromEnd()) <= 8, `${what}: it is not at the end`);
    await rest();
    assert.ok((await fromEnd()) <= 8, what);
  };

  test('when the composer grows and shrinks, and when the reply ends', async () => {
    await b.signUp(page, stack.url);
    const stream = await streaming();
    for (const lines of [3, 12, 1, 0]) {
      await messageBox(page).fill('line\n'.repeat(lines));
      await isAtEnd(`${lines} lines`);
    }
    stream.cut();
    await b.settled(page);
    await isAtEnd('a failure');
  });

  test('sending brings it there from everywhere', async () => {
    await b.signUp(page, stack.url);
    await ask('A long story', PARAGRAPH.repeat(15));
    await isAtEnd('answered');
    await log().evaluate((element) => element.scrollTo(0, 0));
    await button(page, 'Jump to latest').waitFor();
    const stream = await begin('And then?');
    await isAtEnd('sent');
    stream.finish();
  });

  test('a conversation that is opened begins there, wherever one was in another', async () => {
    stack.gateway.keepsThreads = true;
    const messages = [['user', 'A long story'], ['assistant', PARAGRAPH.repeat(15)]];
    await t.signUpWith({ ...t.ALPHA, messages }, { ...t.BETA, messages });
    for (const index of [0, 1]) {
      await t.links().nth(index).click();
      await b.shows(lastReply(page), 'Many words');
      await isAtEnd('opened');
      assert.ok((await top()) > 300);
      await log().evaluate((element) => element.scrollTo(0, 0));
      await button(page, 'Jump to latest').waitFor();
    }
    await page.reload();
    await b.shows(lastReply(page), 'Many words');
    await isAtEnd('loaded');
  });
});
