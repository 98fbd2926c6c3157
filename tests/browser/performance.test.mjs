// A long reply costs little: no long task, smooth typing, a still view, and memory that does not grow with its pieces.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually, sleep } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, begin, browser, page, stack } from './fixture.mjs';

around({ args: ['--js-flags=--expose-gc'] });
beforeEach(() => b.signUp(page, stack.url));

const { messageBox, lastReply } = b;
const PIECE = 50;
const PIECES_A_SECOND = 200;

/** 50 KB of everything that there is in replies. */
function longReply() {
  const section = (i) => [
    `## Part ${i}`,
    `Some **bold** words and \`code\` in a [link](https://example.org/${i}), ${'and more of them '.repeat(12)}.`,
    `1. one\n2. two\n   - inner ${i}\n   - inner too\n3. three`,
    `\`\`\`js\n${`const value${i} = { text: "string", number: ${i} }; // comment\n`.repeat(6)}\`\`\``,
    `| name | value |\n|---|--:|\n${`| row of ${i} | ${i * 7} |\n`.repeat(5)}`,
    `> quoted ${'words '.repeat(20)}`,
  ].join('\n\n');
  let text = '';
  for (let i = 0; text.length < 50_000; i++) text += `${section(i)}\n\n`;
  return text.slice(0, 50_000);
}

/** Sends the pieces as they would come, however late the timers are. */
async function pour(stream, text) {
  const begin = Date.now();
  for (let sent = 0; sent < text.length; await sleep(10)) {
    const due = Math.min(text.length, Math.ceil(((Date.now() - begin) / 1000) * PIECES_A_SECOND) * PIECE);
    for (; sent < due; sent += PIECE) stream.piece(text.slice(sent, sent + PIECE));
  }
}

/** The renderer's main thread: the processor time that each task took, in ms; waiting for the processor is not the page's doing. */
function taskTimes(trace) {
  const { traceEvents } = JSON.parse(trace);
  const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const isMain = new Set(threads.map(({ pid, tid }) => `${pid}:${tid}`));
  return traceEvents.filter(({ name, pid, tid, tdur }) => name.endsWith('RunTask') && tdur !== undefined && isMain.has(`${pid}:${tid}`))
    .map(({ tdur }) => tdur / 1000);
}

describe('50 KB at 200 pieces a second', () => {
  test('no task over 100 ms, no layout shift, every typed letter in its place, what is selected stays selected', async () => {
    const text = longReply();
    await page.evaluate(() => {
      window.shifts = [];
      new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value }) => value))).observe({ type: 'layout-shift' });
    });
    const stream = await begin('A long one');
    await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
    const typed = 'typed while it streams, letter by letter';
    const typeAndSelect = async () => {
      await messageBox(page).pressSequentially(typed, { delay: 50 });
      return page.evaluate(() => {
        getSelection().selectAllChildren(document.querySelector('[data-role="assistant"] .markdown p'));
        return String(getSelection());
      });
    };
    const [selected] = await Promise.all([typeAndSelect(), pour(stream, text)]);
    stream.piece('\n\nThe end.');
    stream.finish();
    assert.equal(await b.settled(page), 'whole');
    assert.match(selected, /Some bold words/);
    assert.equal(await page.evaluate(() => String(getSelection())), selected);
    const trace = await browser.stopTracing();
    assert.equal(await messageBox(page).inputValue(), typed);
    await b.shows(lastReply(page), 'The end.');
    const times = taskTimes(String(trace));
    assert.ok(times.length > 500, `${times.length} tasks`);
    const longest = Math.max(...times);
    assert.ok(longest < 100, `a task of ${longest} ms`);
    const shifts = (await page.evaluate(() => window.shifts)).reduce((sum, value) => sum + value, 0);
    assert.ok(shifts < 0.1, `layout shifts of ${shifts}`);
  });

  test('rendering is once per frame, and of the last block alone', async () => {
    const stream = await begin('A long one');
    stream.piece('First paragraph.\n\nSecond paragraph.\n\nThird');
    await b.shows(lastReply(page), 'Third');
    await page.evaluate(() => {
      window.touched = new Set();
      window.parsed = 0;
      const parse = DOMParser.prototype.parseFromString;
      DOMParser.prototype.parseFromString = function (...args) {
        window.parsed++;
        return parse.apply(this, args);
      };
      const blocks = [...document.querySelectorAll('.markdown-block')];
      new MutationObserver((records) => {
        for (const { target } of records) {
          const index = blocks.findIndex((block) => block.contains(target));
          if (index >= 0) window.touched.add(index);
        }
      }).observe(document.querySelector('.markdown'), { subtree: true, childList: true, characterData: true });
      window.frames = 0;
      const count = () => { window.frames++; requestAnimationFrame(count); };
      requestAnimationFrame(count);
    });
    for (let i = 0; i < 400; i++) {
      stream.piece(` w${i}`);
      if (i % 4 === 0) await sleep(5);
    }
    await b.shows(lastReply(page), 'w399');
    const { touched, parsed, frames } = await page.evaluate(() => ({ touched: [...window.touched], parsed: window.parsed, frames: window.frames }));
    assert.deepEqual(touched, [2]);
    assert.ok(parsed > 5, `${parsed} blocks rendered`);
    assert.ok(parsed <= frames + 1, `${parsed} blocks rendered in ${frames} frames`);
    stream.finish();
  });
});

test('memory over 200 messages stays within bounds, and a new chat gives it back', async () => {
  const devtools = await page.context().newCDPSession(page);
  const measure = async () => {
    await page.evaluate(() => window.gc());
    await devtools.send('HeapProfiler.collectGarbage');
    const { nodes } = await devtools.send('Memory.getDOMCounters');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    return { nodes, heap: usedSize };
  };
  const answer = `Some **words** here.\n\n- one\n- two\n\n\`\`\`js\nlet x = 1;\n\`\`\`\n`;
  const turn = async (i) => {
    stack.gateway.answer(`${answer}\nNumber ${i}.`);
    await b.send(page, `Question ${i}`);
    await eventually(async () => (await page.locator('[data-role="assistant"]').count()) === i + 1 &&
      (await lastReply(page).getAttribute('data-state')) === null, 'no reply', 10_000);
  };
  await turn(0);
  await b.button(page, 'New chat').click();
  const before = await measure();
  for (let i = 0; i < 100; i++) await turn(i);
  const full = await measure();
  assert.equal(await page.locator('[data-role]').count(), 200);
  assert.ok(full.heap - before.heap < 20_000_000, `${full.heap - before.heap} bytes for 200 messages`);
  assert.ok((full.nodes - before.nodes) / 200 < 100, `${full.nodes - before.nodes} nodes for 200 messages`);
  await b.button(page, 'New chat').click();
  await eventually(async () => (await measure()).nodes < before.nodes + 300, 'what was shown is not given back');
});
