import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockSplitter } from './blocks.ts';
import { toHtml } from './to-html.ts';

const CORPUS = {
  paragraphs: 'One\ntwo\n\nThree *four\nfive* six\n\n\nSeven',
  setext: 'Heading\n===\n\ntext\n---\nmore\n',
  lists: '1. one\n2. two\n\n10. three\n\n    indented\n\n- a\n\n- b\n  - c\n\ntext\n\n* d\n* e\n',
  'list and lazy line': '- a\nlazy\n\n2\n\n3. x\n',
  fence: 'Before\n\n```js\nlet a;\n\n\nlet b;\n```\nafter\n\n~~~\nopen\n\nstill open',
  'fence in a list': '1. do\n\n   ```sh\n   ls\n\n   cd\n   ```\n\n2. done\n',
  table: 'Intro\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n\nafter\n',
  quote: '> one\n> two\n\n> three\nlazy\n\nend',
  html: '<div>\n\n**bold**\n\n</div>\n\ntext <br> more\n',
  indented: 'text\n\n    code\n\n    more code\n\ntext\n',
  tabs: '-\ta\n\n\tb\n\n\tc\n\ntext\n',
  'carriage returns': 'a\r\n\r\nb\r\n\r\n- c\r\n',
};

for (const [name, text] of Object.entries(CORPUS)) {
  test(`${name}: blocks together say what the whole says`, () => {
    const html = (source: string) => toHtml(source).replace(/\n+/g, '\n').trim();
    const splitter = new BlockSplitter();
    let blocks: readonly string[] = [];
    for (let end = 1; end <= text.length; end++) blocks = splitter.split(text.slice(0, end));
    assert.equal(blocks.join(''), text.replaceAll('\r\n', '\n'));
    assert.equal(blocks.map(html).filter(Boolean).join('\n'), html(text));
  });

  test(`${name}: a finished block never changes`, () => {
    const splitter = new BlockSplitter();
    let before: readonly string[] = [];
    for (let end = 1; end <= text.length; end++) {
      const blocks = splitter.split(text.slice(0, end));
      const finished = before.slice(0, -2);
      assert.deepEqual(blocks.slice(0, finished.length), finished);
      before = blocks;
    }
  });
}

test('little is left to render of a long text', () => {
  const splitter = new BlockSplitter();
  const blocks = splitter.split(`${'A paragraph.\n\n'.repeat(500)}The last`);
  assert.equal(blocks.length, 501);
  assert.equal(blocks.at(-1), 'The last');
});

test('another text starts over', () => {
  const splitter = new BlockSplitter();
  splitter.split('a\n\nb\n\nc');
  assert.deepEqual(splitter.split('x'), ['x']);
});

test('links defined at the end work in the whole text', () => {
  const text = 'See [it].\n\nMore\n\n[it]: https://example.org\n';
  const splitter = new BlockSplitter();
  splitter.split(text);
  assert.match(splitter.splitWhole(text).map(toHtml).join(''), /href="https:\/\/example\.org"/);
});
