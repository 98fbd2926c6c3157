// Replies are Markdown, and hostile Markdown is harmless.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { sleep } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, begin, page, stack } from './fixture.mjs';
import { startScriptedStack } from './stack.mjs';

around({
  // A name that is not localhost makes plain HTTP what it is elsewhere: no secure context, no clipboard API.
  start: () => startScriptedStack({ host: 'chat.test' }),
  args: ['--host-resolver-rules=MAP chat.test 127.0.0.1'],
  onePage: true,
  prepare: () => b.signUp(page, stack.url),
});
afterEach(() => b.button(page, 'New chat').click());

const { messageBox, button, lastReply } = b;

async function reply(text) {
  stack.gateway.answer(text);
  await b.send(page, 'Show me');
  assert.equal(await b.settled(page), 'whole');
}

const HOSTILE = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 2">',
  '![pixel](https://evil.test/pixel.png)',
  '<img src="https://evil.test/html.png" alt="a picture">',
  '<svg onload="window.hacked = 3"><image href="https://evil.test/a.svg"/></svg>',
  '[click me](javascript:window.hacked=4)',
  '<a href="javascript:window.hacked=5">click me</a>',
  '<iframe src="https://evil.test/frame"></iframe>',
  '<style>@import "https://evil.test/a.css";</style>',
  '<p style="background: url(https://evil.test/a.png)">styled</p>',
  '<link rel="stylesheet" href="https://evil.test/b.css">',
  '<video poster="https://evil.test/p.png" src="https://evil.test/v.mp4" autoplay></video>',
  '<object data="https://evil.test/o"></object><embed src="https://evil.test/e">',
  '<form action="https://evil.test/f"><input type="image" src="https://evil.test/i.png"></form>',
  '<meta http-equiv="refresh" content="0;url=https://evil.test/">',
  '<base href="https://evil.test/">',
  '<math><mtext><table><mglyph><style><img src=x onerror="window.hacked = 6">',
  '[click me](java\tscript:window.hacked=7) [click me](&#106;avascript:window.hacked=8) <javascript:window.hacked=9>',
  '[click me](data:text/html,<script>parent.hacked=10</script>)',
  '![a](https://evil.test/"onerror="window.hacked=11)',
  '![ref]\n\n[ref]: https://evil.test/ref.png "a title"',
  '<a href="https://evil.test/" ping="https://evil.test/ping" target="_self" onclick="window.hacked=12">plain link</a>',
  '<link rel="dns-prefetch" href="//evil.test"><link rel="preconnect" href="https://evil.test">',
  '<table background="https://evil.test/t.png"><tr><td background="https://evil.test/d.png">x</td></tr></table>',
  '<audio src="https://evil.test/a.mp3" autoplay></audio><picture><source srcset="https://evil.test/s.png"><img></picture>',
  '<div id="app" class="auth" name="body"></div><input autofocus onfocus="window.hacked=13">',
  '<noscript><p title="</noscript><img src=https://evil.test/n.png onerror=window.hacked=14>"></noscript>',
  '```<img src=x onerror=window.hacked=15>\n</code></pre><script>window.hacked=16</script>\n```',
  '```js"onload="window.hacked=17\nlet x = "</span><img src=https://evil.test/c.png onerror=window.hacked=18>";\n```',
  '| <img src=https://evil.test/cell.png> |\n|---|\n| ![x](https://evil.test/cell2.png) |',
];

describe('hostile Markdown', () => {
  const ways = {
    'in one piece': (text) => reply(text),
    // Each beginning of it is Markdown of its own.
    'letter by letter': async (text) => {
      const stream = await begin('Show me');
      for (const [i, letter] of [...text].entries()) {
        stream.piece(letter);
        if (i % 8 === 0) await sleep(1);
      }
      stream.finish();
      assert.equal(await b.settled(page), 'whole');
    },
  };
  for (const [name, show] of Object.entries(ways)) {
    test(`${name} runs nothing, asks nothing of anybody else, and stays on the page`, async () => {
      const home = page.url();
      await show(`${HOSTILE.join('\n\n')}\n\nThe end.`);
      await b.shows(lastReply(page), 'The end.');
      for (const text of await lastReply(page).getByText('click me').all()) await text.click();
      await sleep(300);
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      assert.equal(page.url(), home);
      const own = [stack.url, stack.gateway.url];
      const foreign = page.requests.map((request) => request.url()).filter((url) => !own.some((origin) => url.startsWith(`${origin}/`)));
      assert.deepEqual(foreign, []);
      assert.equal(await lastReply(page).locator('script, img, iframe, style, link, form, input, video, audio, object, embed, [style], [onerror], [onclick], [ping], [id], [name]').count(), 0);
    });
  }

  test('images from elsewhere are links', async () => {
    await reply('![A diagram](https://evil.test/pixel.png)');
    const link = lastReply(page).getByRole('link', { name: 'A diagram' });
    assert.equal(await link.getAttribute('href'), 'https://evil.test/pixel.png');
    assert.match(await link.getAttribute('rel'), /noopener/);
    assert.match(await link.getAttribute('rel'), /noreferrer/);
    assert.equal(await link.getAttribute('target'), '_blank');
  });

  test('would be stopped by the content security policy as well', async () => {
    const policy = (await page.goto(stack.url)).headers()['content-security-policy'];
    await messageBox(page).waitFor();
    const directive = (name) => policy.split(';').map((part) => part.trim().split(/\s+/)).find(([key]) => key === name)?.slice(1);
    assert.deepEqual(directive('connect-src').sort(), ["'self'", stack.gateway.url].sort());
    assert.deepEqual(directive('script-src'), ["'self'"]);
    assert.deepEqual(directive('style-src'), ["'self'"]);
    const blocked = await page.evaluate(async () => {
      const violation = new Promise((resolve) => document.addEventListener('securitypolicyviolation', resolve, { once: true }));
      await fetch('https://evil.test/').catch(() => {});
      return (await violation).effectiveDirective;
    });
    assert.equal(blocked, 'connect-src');
    page.problems.length = 0;
  });
});

test('tables, lists and code', async () => {
  await reply('| a | b |\n|---|--:|\n| 1 | 2 |\n\n1. one\n2. two\n\n```js\nlet x;\n```\n');
  assert.equal(await lastReply(page).getByRole('cell').count(), 2);
  assert.equal(await lastReply(page).getByRole('listitem').count(), 2);
  assert.equal(await lastReply(page).locator('pre code').innerText(), 'let x;\n');
});

describe('copying, on plain HTTP', () => {
  const pasted = async () => {
    await messageBox(page).fill('');
    await messageBox(page).press('Control+v');
    const text = await messageBox(page).inputValue();
    await messageBox(page).fill('');
    return text;
  };

  test('a reply, as the Markdown that it is', async () => {
    assert.equal(await page.evaluate(() => window.isSecureContext), false);
    await reply('Some **bold** words');
    await button(page, 'Copy').click();
    await b.shows(page.getByRole('status'), 'Copied');
    assert.equal(await pasted(), 'Some **bold** words');
  });

  test('a block of code', async () => {
    await reply('Run this:\n\n```sh\nmake\nmake check\n```\n');
    await button(page, 'Copy code').click();
    await b.shows(page.getByRole('status'), 'Copied');
    assert.equal(await pasted(), 'make\nmake check');
  });
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
