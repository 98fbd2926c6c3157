// Replies are Markdown, and what is finished of them is left alone.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import * as b from './browser.mjs';
import { around, begin, page, stack } from './fixture.mjs';

around({ onePage: true, prepare: () => b.signUp(page, stack.url) });
afterEach(() => b.button(page, 'New chat').click());

const { lastReply } = b;

async function reply(text) {
  stack.gateway.answer(text);
  await b.send(page, 'Show me');
  assert.equal(await b.settled(page), 'whole');
}

test('tables, lists and code', async () => {
  await reply('| a | b |\n|---|--:|\n| 1 | 2 |\n\n1. one\n2. two\n\n```js\nlet x;\n```\n');
  assert.equal(await lastReply(page).getByRole('cell').count(), 2);
  assert.equal(await lastReply(page).getByRole('listitem').count(), 2);
  assert.equal(await lastReply(page).locator('pre code').innerText(), 'let x;\n');
});

test('what looks like a definition, or is one, leaves what is selected alone when the reply ends', async () => {
  const stream = await begin('Show me');
  stream.piece('The selected paragraph.\n\nA [link][1] of it.\n\n```ts\ninterface A {\n  [key: string]: number;\n}\n```\n\nMore.\n\n');
  await b.shows(lastReply(page), 'More.');
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('[data-role="assistant"] p')));
  stream.piece('[1]: https://example.org/\n');
  stream.finish();
  assert.equal(await b.settled(page), 'whole');
  assert.equal(await lastReply(page).getByRole('link', { name: 'link' }).getAttribute('href'), 'https://example.org/');
  assert.equal(await page.evaluate(() => String(getSelection())), 'The selected paragraph.');
});

test('each part is written in its own direction', async () => {
  await reply('# שלום\n\nمرحبا بالعالم.\n\n1. ראשון\n2. שני\n\nEnglish.\n\n```\nשלום = 1\n```\n');
  const directions = await lastReply(page).evaluate((element) =>
    [...element.querySelectorAll('.markdown :is(h1, h2, h3, h4, h5, h6, p, ol, pre)')].map((part) => `${part.nodeName[0]} ${getComputedStyle(part).direction}`));
  assert.deepEqual(directions, ['H rtl', 'P rtl', 'O rtl', 'P ltr', 'P ltr']);
  assert.equal(await b.messageBox(page).getAttribute('dir'), 'auto');
  assert.equal(await page.locator('.bubble').last().getAttribute('dir'), 'auto');
});

test('finished blocks are frozen: their nodes and a selection in them stay while the rest streams', async () => {
  const stream = await begin('Show me');
  stream.piece('The first paragraph.\n\nThe second one.\n\n');
  await b.shows(lastReply(page), 'The second one.');
  await page.evaluate(() => {
    window.firstParagraph = document.querySelector('[data-role="assistant"] p');
    getSelection().selectAllChildren(window.firstParagraph);
  });
  for (let i = 0; i < 30; i++) {
    stream.piece(`Paragraph **${i}** of many.\n\n`);
    if (i % 10 === 0) await b.shows(lastReply(page), `Paragraph ${i} of many`);
  }
  stream.finish();
  await b.settled(page);
  assert.equal(await page.evaluate(() => String(getSelection())), 'The first paragraph.');
  assert.ok(await page.evaluate(() => window.firstParagraph === document.querySelector('[data-role="assistant"] p')));
});
