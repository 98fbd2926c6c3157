import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JSDOM } from 'jsdom';
import { highlight } from './highlight.ts';
import { highlightedNodes } from './highlighted-nodes.ts';
import { LANGUAGES, languageNamed } from './languages.ts';

const { document } = new JSDOM('').window;

function nodes(html: string): HTMLElement {
  const element = document.createElement('code');
  element.append(highlightedNodes(document, html));
  return element;
}

const SAMPLE = `#!/bin/sh -e\n# <b>a & b</b> "c" 'd' &lt; &#x27;\nint main(void) { return "x" + 1; } // y\n<a href="x">é</a> 日本 🙂\n+ added\n`;

describe('every language', () => {
  for (const language of LANGUAGES) {
    test(`${language} colours, and changes no character`, () => {
      const element = nodes(highlight(SAMPLE, language));
      assert.equal(element.textContent, SAMPLE);
      assert.ok(element.querySelectorAll('span').length > 0);
      for (const span of element.querySelectorAll('*')) {
        assert.equal(span.nodeName, 'SPAN');
        assert.deepEqual([...span.attributes].map(({ name }) => name), ['class']);
      }
    });
  }
});

test('languages by their other names', () => {
  assert.deepEqual(['js', 'TSX', 'sh', 'html', 'c++', 'yml'].map(languageNamed), ['javascript', 'typescript', 'bash', 'xml', 'cpp', 'yaml']);
  for (const name of ['text', 'brainfuck', '', 'constructor', '__proto__']) assert.equal(languageNamed(name), null);
});

test('whatever the HTML is, it makes spans and text', () => {
  const hostile = '<img src=x onerror=alert(1)><span class="hljs-string evil" onclick="x">a</span></span></span><script>&nbsp;&amp;lt;';
  const element = nodes(hostile);
  assert.deepEqual([...element.querySelectorAll('*')].map((each) => each.outerHTML), []);
  const named = nodes('<span class="hljs-string chat top-bar">a</span></span></span>b');
  assert.equal(named.innerHTML, '<span class="hljs-string">a</span>b');
});
