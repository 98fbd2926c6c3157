// What stands around each test of the page: a stack, Chromium, and somebody's page in it.
//
//   import { around, ask, page, stack } from './fixture.mjs';
//   around();
//   test('...', async () => { await b.signUp(page, stack.url); ... });
//
// `stack`, `browser` and `page` are what is there at the moment; every test file runs in a process of its own and has its own.
// What around() started it ends: the page after each test, Chromium and the stack after the last one. A file's own hooks stand
// behind around(), except an afterEach() that still needs the page.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import * as b from './browser.mjs';
import { startScriptedStack } from './stack.mjs';

export let stack;
export let browser;
export let page;

/**
 * Registers the hooks of a test file.
 *   start        starts the stack, which after each test is as it was; null when each test starts its own with startStack()
 *   args         further arguments for Chromium
 *   onePage      the same page for all tests, rather than a new one for each
 *   prepare      what else there is to do before the first test (Node does not wait for one before() with the next)
 *   mayComplain  errors on the console are expected; else each fails its test
 */
export function around({ start = startScriptedStack, args, onePage = false, prepare, mayComplain = false } = {}) {
  const open = async () => {
    page = await b.openPage(browser);
  };
  before(async () => {
    stack = await start?.();
    browser = await b.launch({ args });
    if (onePage) await open();
    await prepare?.();
  });
  if (!onePage) beforeEach(open);
  afterEach(async () => {
    if (!onePage) await page.context().close();
    if (start) stack.reset();
    else await stack.stop();
    if (!mayComplain) assert.deepEqual(page.problems, []);
  });
  after(async () => {
    await browser?.close();
    if (start) await stack?.stop();
  });
}

/** The stack of one test. */
export async function startStack(options) {
  stack = await startScriptedStack(options);
}

/** A new page, with these options for its browser context, in the place of the one that is there. */
export async function reopen(options) {
  await page.context().close();
  page = await b.openPage(browser, options);
  return page;
}

/** Sends a message that the scripted gateway answers, and waits for the whole reply. */
export async function ask(text, answer, of = page) {
  stack.gateway.answer(answer);
  await b.send(of, text);
  assert.equal(await b.settled(of), 'whole');
}

/** Sends a message; its reply is in the test's hands. */
export async function begin(text) {
  const held = stack.gateway.hold();
  await b.send(page, text);
  return held;
}

/** Sends a message, and waits until the first piece of its reply is shown. */
export async function streaming(text, piece) {
  const stream = await begin(text);
  stream.piece(piece);
  await b.shows(b.lastReply(page), piece);
  return stream;
}
