// Code is highlighted, by a script that is loaded only when there is such code on view.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { eventually, sleep } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, begin, page, stack } from './fixture.mjs';
import { startScriptedStack } from './stack.mjs';

// Before around(): that closes the page.
afterEach(async () => assert.deepEqual(await page.evaluate(() => window.violations), []));
around({ start: () => startScriptedStack({ mount: '/deep/chat' }) });
beforeEach(async () => {
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.effectiveDirective));
  });
  await b.signUp(page, stack.url);
});

const { lastReply } = b;
const CODE = 'const answer = "42"; // a comment\n';
const fence = (code = CODE, language = 'js') => `\`\`\`${language}\n${code}\`\`\`\n\n`;
const loads = () => page.requests.filter((request) => /highlight-[0-9A-Z]{8}\.js$/.test(request.url()));
const spans = (scope = lastReply(page)) => scope.locator('pre code span');
const highlighted = (scope) => eventually(async () => (await spans(scope).count()) > 0, 'nothing is highlighted');

test('a reply with code in a known language loads the highlighter once, from here, and keeps it for good', async () => {
  const responses = [];
  page.on('response', (response) => responses.push(response));
  for (const language of ['js', 'python']) {
    stack.gateway.answer(`Look:\n\n${fence(CODE, language)}Done.`);
    await b.send(page, 'Code?');
    await b.settled(page);
    await highlighted();
  }
  await b.shows(lastReply(page), 'Done.');
  assert.equal(await lastReply(page).locator('pre code').innerText(), CODE);
  assert.equal(loads().length, 1);
  assert.ok(loads()[0].url().startsWith(`${stack.url}/assets/`));
  const response = responses.find((each) => each.url() === loads()[0].url());
  assert.match(response.headers()['cache-control'], /immutable/);
  assert.equal(response.headers()['content-encoding'], 'gzip');
  const colour = (name) => page.locator(`pre code .hljs-${name}`).first().evaluate((element) => getComputedStyle(element).color);
  assert.notEqual(await colour('string'), await colour('comment'));
  assert.equal(await lastReply(page).locator('[style]').count(), 0);
});

test('nothing is loaded without code, for no or an unknown language, or for inline code', async () => {
  stack.gateway.answer(`Text, \`inline\`.\n\n${fence('plain\n', '')}${fence('++[>++<-]\n', 'brainfuck')}Done.`);
  await b.send(page, 'Code?');
  await b.settled(page);
  await sleep(500);
  assert.equal(loads().length, 0);
  assert.equal(await spans().count(), 0);
});

test('code that is out of view waits until it is scrolled to', async () => {
  stack.gateway.answer(`${fence()}${'Many words.\n\n'.repeat(150)}`);
  await b.send(page, 'First');
  await b.settled(page);
  await ask('Second', 'Short.');
  await page.reload();
  await b.shows(lastReply(page), 'Short.');
  const before = loads().length;
  await sleep(500);
  assert.equal(await page.locator('pre code span').count(), 0);
  assert.equal(loads().length, before);
  await page.locator('pre code').scrollIntoViewIfNeeded();
  await highlighted(page);
});

test('only finished blocks, once each: nodes and selections stay while the rest streams', async () => {
  const stream = await begin('Code?');
  stream.piece('```js\nconst answer = "42";\n');
  await b.shows(lastReply(page), 'const answer');
  await sleep(400);
  assert.equal(await spans().count(), 0, 'an open block');
  assert.equal(loads().length, 0);
  stream.piece('```\n\nNext paragraph.\n\n');
  await highlighted();
  await page.evaluate(() => {
    window.firstCode = document.querySelector('pre code');
    window.firstSpan = window.firstCode.querySelector('span');
    getSelection().selectAllChildren(window.firstCode);
  });
  for (let i = 0; i < 20; i++) stream.piece(`Paragraph ${i}\n\n${fence(`let x = ${i};\n`)}`);
  stream.piece('The end.');
  stream.finish();
  await b.settled(page);
  await eventually(async () => (await page.locator('pre').last().locator('span').count()) > 0, 'the last block');
  assert.equal(await page.evaluate(() => String(getSelection()).trim()), 'const answer = "42";');
  assert.ok(await page.evaluate(() => window.firstSpan === document.querySelector('pre code span')), 'highlighted again');
});

test('a selection in a block that has just finished survives; the colours come when it is gone', async () => {
  const held = stack.gateway.hold();
  let release;
  await page.route('**/highlight-*.js', async (route) => {
    await new Promise((resolve) => { release = resolve; });
    await route.continue();
  });
  await b.send(page, 'Code?');
  const stream = await held;
  stream.piece(`${fence()}After.\n\nMore`);
  await b.shows(lastReply(page), 'More');
  await eventually(() => release, 'the highlighter is not loaded');
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('pre code')));
  release();
  await page.waitForResponse(/highlight-/);
  await sleep(300);
  assert.equal(await page.evaluate(() => String(getSelection()).trim()), CODE.trim());
  assert.equal(await spans().count(), 0);
  await page.evaluate(() => getSelection().removeAllRanges());
  await highlighted();
  stream.finish();
});

test('a highlighter that cannot be loaded leaves code plain, and is tried again for the next', async () => {
  await page.route('**/highlight-*.js', (route) => route.abort());
  stack.gateway.answer(`${fence()}Done.`);
  await b.send(page, 'Code?');
  await b.settled(page);
  await eventually(() => loads().length === 1, 'it is not asked for');
  assert.equal(await lastReply(page).locator('pre code').innerText(), CODE);
  assert.equal(await spans().count(), 0);
  await page.unroute('**/highlight-*.js');
  stack.gateway.answer(`${fence()}Done.`);
  await b.send(page, 'More?');
  await b.settled(page);
  await highlighted();
});
