import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';
import { patchChildren } from './patch.ts';
import { createRenderer } from './render.ts';

const { window } = new JSDOM('<!doctype html><body></body>', { url: 'https://chat.example/' });
const render = createRenderer(window);

function show(markdown: string): HTMLElement {
  const element = window.document.createElement('div');
  element.append(render(markdown));
  return element;
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<img src="https://evil.example/a.png" onload="alert(1)">',
  '![x](https://evil.example/pixel.png)',
  '![x](javascript:alert(1))',
  '![x](data:image/svg+xml,<svg onload=alert(1)>)',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](&#106;avascript:alert(1))',
  '[a](java\tscript:alert(1))',
  '[a](data:text/html,<script>alert(1)</script>)',
  '[a](vbscript:x)',
  '[a](file:///etc/passwd)',
  '[a](//evil.example/x)',
  '<a href="javascript:alert(1)" onclick="alert(1)">a</a>',
  '<javascript:alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text>a</text></a></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<iframe src="https://evil.example"></iframe>',
  '<object data="https://evil.example"></object><embed src="https://evil.example">',
  '<form action="https://evil.example"><input name=q><button>go</button></form>',
  '<link rel=stylesheet href="https://evil.example/a.css">',
  '<style>@import "https://evil.example/a.css"</style>',
  '<p style="background:url(https://evil.example/a.png)">x</p>',
  '<video src="https://evil.example/a.mp4" poster="https://evil.example/a.png"></video>',
  '<audio src="https://evil.example/a.mp3"></audio>',
  '<picture><source srcset="https://evil.example/a.png"><img src="a"></picture>',
  '<table background="https://evil.example/a.png"><tr><td>x</td></tr></table>',
  '<body onload=alert(1)>',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<div id="app" class="chat" name="body" data-x="1" contenteditable>x</div>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<template><img src=x onerror=alert(1)></template>',
  '| a |\n|---|\n| <img src=x onerror=alert(1)> |',
  '```<img src=x onerror=alert(1)>\n</code></pre><script>alert(1)</script>\n```',
  '![a](https://evil.example/"onerror="alert(1))',
  '<img alt="&quot;><script>alert(1)</script>" src="https://evil.example/?&quot;><script>alert(1)</script>">',
];

const ALLOWED = new Set(
  'A B BLOCKQUOTE BR BUTTON CODE DEL DIV EM H2 H3 H4 H5 H6 HR I KBD LI OL P PRE S SPAN STRONG SUB SUP TABLE TBODY TD TH THEAD TR U UL'.split(' '),
);

for (const markdown of HOSTILE) {
  test(`harmless: ${markdown.slice(0, 70)}`, () => {
    for (const element of show(markdown).querySelectorAll('*')) {
      assert.ok(ALLOWED.has(element.nodeName), `${element.nodeName} passed`);
      for (const { name, value } of element.attributes) {
        assert.match(name, /^(href|class|start|target|rel|tabindex|role|aria-label|type|dir)$/, `${name} on ${element.nodeName}`);
        if (name === 'href') assert.match(value, /^(https?:\/\/|mailto:)/);
        if (name === 'class') assert.match(value, /^(language-.+|align-.+|task|code-block|code-bar|copy-code quiet-button|table-scroll)$/);
        if (name === 'dir') assert.match(value, /^(auto|ltr)$/);
      }
    }
  });
}

test('an image from elsewhere is a link, in Markdown and in HTML', () => {
  for (const markdown of ['![A cat](https://cats.example/1.png)', '<img alt="A cat" src="https://cats.example/1.png">']) {
    const link = show(markdown).querySelector('a');
    assert.equal(link?.href, 'https://cats.example/1.png');
    assert.equal(link?.textContent, 'A cat');
    assert.equal(show(markdown).querySelector('img'), null);
  }
});

test('simple formatting in HTML works, the rest is shown as text', () => {
  const element = show('H<sub>2</sub>O<br><KBD class="x">Esc</KBD> <div>in</div> <form action="/x">\n\n<style>p {}</style>');
  assert.deepEqual([...element.querySelectorAll('p *')].map(({ nodeName }) => nodeName), ['SUB', 'BR', 'KBD']);
  assert.match(element.textContent ?? '', /<form action="\/x">/);
  assert.match(element.textContent ?? '', /<style>p {}<\/style>/);
});

test('links leave in a tab of their own and say nothing about this page', () => {
  const link = show('[a](https://example.org)').querySelector('a')!;
  assert.equal(link.target, '_blank');
  assert.equal(link.rel, 'noopener noreferrer nofollow');
});

test('code comes with its language and a button to copy it', () => {
  const block = show('```rust\nfn main() {}\n```').querySelector('.code-block')!;
  assert.equal(block.querySelector('pre')?.textContent, 'fn main() {}\n');
  assert.equal(block.querySelector('.code-bar span')?.textContent, 'rust');
  assert.equal(block.querySelector('button')?.getAttribute('aria-label'), 'Copy code');
});

test('tables keep their alignment without a style attribute', () => {
  const cells = show('| a | b |\n|:-:|--:|\n| 1 | 2 |').querySelectorAll('td');
  assert.deepEqual([...cells].map((cell) => cell.className), ['align-center', 'align-right']);
});

test('headings stay below the headings of the page', () => {
  assert.ok(show('# One\n\n###### Six').querySelector('h3 ~ h6'));
});

test('patching leaves equal leading nodes as they are', () => {
  const element = show('- a\n\ntext');
  const list = element.firstChild;
  patchChildren(element, render('- a\n\ntext and more'));
  assert.equal(element.firstChild, list);
  assert.equal(element.textContent?.trim().endsWith('text and more'), true);
  patchChildren(element, render('- a\n'));
  assert.equal(element.textContent?.trim(), 'a');
});
