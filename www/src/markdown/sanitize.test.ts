import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';
import { createSanitizer } from './sanitize.ts';

const { window } = new JSDOM('<!doctype html><body></body>', { url: 'https://chat.example/' });
const sanitize = createSanitizer(window);

function clean(html: string): string {
  const element = window.document.createElement('div');
  element.append(sanitize(html));
  return element.innerHTML;
}

// What comes before it lets no such HTML through; it does not rely on that.
const CASES: readonly [string, string][] = [
  ['<p class="auth">x</p>', '<p>x</p>'],
  ['<code class="language-js">x</code>', '<code class="language-js">x</code>'],
  ['<code class="language-js modal">x</code>', '<code>x</code>'],
  ['<code class="copy-code">x</code>', '<code>x</code>'],
  ['<table><tbody><tr><td class="align-right">1</td><td class="composer">2</td></tr></tbody></table>',
    '<table><tbody><tr><td class="align-right">1</td><td>2</td></tr></tbody></table>'],
  ['<b style="color: red" id="app" name="app" title="x" data-x="1" aria-hidden="true" onclick="x()">x</b>', '<b>x</b>'],
  ['<p href="https://example.org">x</p>', '<p>x</p>'],
  ['<a href="javascript:x()">x</a>', '<a>x</a>'],
  ['<a href="//example.org/">x</a><a href="/signin">y</a><a href="#app">z</a>', '<a>x</a><a>y</a><a>z</a>'],
  ['<a href="ftp://example.org/">x</a><a href="tel:1">y</a>', '<a>x</a><a>y</a>'],
  ['<img src="https://example.org/a.png">x', 'x'],
  ['<svg><a href="https://example.org">x</a></svg><math><mi>y</mi></math>', ''],
  ['<style>p {}</style><script>x()</script><iframe src="https://example.org"></iframe>x', 'x'],
  ['<form action="https://example.org"><input name="x"><button>x</button></form>', 'x'],
];

for (const [html, expected] of CASES) {
  test(`${html.slice(0, 80)}`, () => assert.equal(clean(html), expected));
}

test('links leave in a tab of their own, whatever they ask for', () => {
  const link = sanitize('<a href="https://example.org" target="_self" rel="opener" ping="https://example.org">x</a>').querySelector('a')!;
  assert.deepEqual([...link.attributes].map(({ name, value }) => `${name}=${value}`).sort(), [
    'href=https://example.org', 'rel=noopener noreferrer nofollow', 'target=_blank',
  ]);
});
