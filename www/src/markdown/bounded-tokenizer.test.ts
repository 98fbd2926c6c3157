import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockSplitter } from './blocks.ts';
import { MAX_LINK, MAX_NESTING } from './bounded-tokenizer.ts';
import { toHtml } from './to-html.ts';

const NESTED = {
  quotes: '> '.repeat(5000),
  'quotes without blanks': '>'.repeat(5000),
  lists: '- '.repeat(5000),
  'numbered lists': '1. '.repeat(5000),
  'lists by indentation': Array.from({ length: 300 }, (_, level) => `${'  '.repeat(level)}- a`).join('\n'),
  'lists in quotes': '> - '.repeat(2500),
  stars: '*'.repeat(20_000),
  'stars and underlines': '*_'.repeat(10_000),
  brackets: '['.repeat(20_000),
};

function depthOf(html: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, slash] of html.matchAll(/<(\/?)(?:blockquote|ul|ol|em|strong)\b/g)) {
    depth += slash ? -1 : 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

for (const [name, beginning] of Object.entries(NESTED)) {
  test(`deeply nested ${name} end as text`, () => {
    const text = `${beginning}here${[...beginning].reverse().join('').replaceAll('[', ']')}`;
    const html = new BlockSplitter().split(text).map(toHtml).join('');
    assert.match(html, /here/);
    assert.ok(depthOf(html) <= MAX_NESTING + 1, `${depthOf(html)} levels`);
  });
}

test('what people write is nested as it should be', () => {
  assert.equal(depthOf(toHtml(`${'> '.repeat(10)}**a *b***`)), 12);
  assert.equal(depthOf(toHtml(Array.from({ length: 10 }, (_, level) => `${'  '.repeat(level)}- a`).join('\n'))), 10);
});

test('openers without an end are given up on, and the rest of the block is text', () => {
  for (const opener of ['*a ', '**a *', '_a ', '[a](<b ', '![a](<b ', '[a](b ']) {
    const html = toHtml(`${opener.repeat(4000)} **bold** and \`code\`\n`);
    assert.doesNotMatch(html, /<strong>bold|<code>/, opener);
    assert.match(html, /\*\*bold\*\* and `code`/, opener);
    assert.match(toHtml(`${opener.repeat(4)}\n\n**bold**`), /<strong>bold/, opener);
  }
});

test('a long paragraph full of emphasis, links and code keeps all of it', () => {
  const html = toHtml('**bold** _emphasis_ `code` [link](https://example.org/) words. '.repeat(100));
  for (const element of ['strong', 'em', 'code', 'a']) assert.equal(html.split(`</${element}>`).length, 101, element);
});

test('a link may be long, but not without limit', () => {
  const link = (length: number) => toHtml(`See [it](https://example.org/${'x'.repeat(length)}).`);
  assert.match(link(MAX_LINK - 100), /<a href=.*>it<\/a>/);
  assert.match(link(MAX_LINK), /\[it\]\(/);
});
