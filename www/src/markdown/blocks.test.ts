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
  definitions: 'One.\n\n[a]: https://example.org\n[b]: https://example.net\n\nTwo\n[c]: d\n\n[e]: f\n',
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

test('what only looks like a definition leaves finished blocks as they were', () => {
  for (const code of ['```ts\ninterface A {\n  [key: string]: number;\n}\n```', '```\n[INFO]: started\n```', '    [x]: y']) {
    const text = `First with [a] bracket.\n\n${code}\n\nLast.`;
    const splitter = new BlockSplitter();
    const streamed = splitter.split(text);
    assert.deepEqual(splitter.splitWhole(text), streamed);
  }
});

test('definitions reach the blocks that may use them, and no others', () => {
  const code = '```\nsee [1]';
  const text = `Plain.\n\nA [link][1] and [1].\n\n[1]: https://example.org\n[2]: https://example.net\n\n${code}`;
  const splitter = new BlockSplitter();
  const streamed = splitter.split(text);
  const whole = splitter.splitWhole(text);
  assert.equal(whole[0], streamed[0]);
  assert.equal(whole.at(-1), code, 'code without an end would swallow them');
  const html = whole.map(toHtml).join('');
  assert.equal(html.match(/href="https:\/\/example\.org"/g)?.length, 2);
  assert.equal(html.match(/\[2\]|example\.net/), null);
});

test('definitions are repeated only where they are used, so that many cost little', () => {
  const paragraphs = Array.from({ length: 300 }, (_, index) => `See [X${index}] and [missing].\n\n`).join('');
  const definitions = Array.from({ length: 1000 }, (_, index) => `[x${index}]: https://example.org/${index}\n`).join('');
  const text = `${paragraphs}${definitions}[x0]: https://example.net\n`;
  const whole = new BlockSplitter().splitWhole(text);
  assert.ok(whole.join('').length < 2 * text.length, `${whole.join('').length}`);
  const html = whole.map(toHtml).join('');
  assert.equal(html.match(/href="/g)?.length, 300);
  assert.match(html, /href="https:\/\/example\.org\/0"/);
});

test('a definition in the last line needs no end of that line', () => {
  const splitter = new BlockSplitter();
  const text = 'See [1].\n\nMore\n\n[1]: https://example.org';
  splitter.split(text);
  assert.match(splitter.splitWhole(text).map(toHtml).join(''), /<a href="https:\/\/example\.org"[^>]*>1<\/a>/);
});

test('labels are found in quotes and tables', () => {
  const text = '> See [foo\n> bar].\n\n| a |\n|---|\n| [a\\|b] |\n\n[foo bar]: https://example.org/1\n[a|b]: https://example.org/2\n';
  const html = new BlockSplitter().splitWhole(text).map(toHtml).join('');
  assert.equal(html.match(/href="https:\/\/example\.org\/[12]"/g)?.length, 2);
});
