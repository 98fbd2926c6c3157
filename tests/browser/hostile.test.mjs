// Hostile Markdown is harmless: nothing of it runs, nobody else hears of it, and the page stays as it is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { eventually, sleep } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, begin, browser, page, stack } from './fixture.mjs';
import { EXHAUSTING, HOSTILE } from './hostile-markdown.mjs';
import { startScriptedStack } from './stack.mjs';
import * as t from './threads.mjs';

/** Whoever comes to evil.test, also without a request that the browser would tell of. */
const visits = [];
const evil = createServer((socket) => {
  visits.push(socket.remotePort);
  socket.destroy();
}).listen(0, '127.0.0.1');
await once(evil, 'listening');
after(() => evil.close());

around({
  start: () => startScriptedStack({ host: 'chat.test' }),
  args: [`--host-resolver-rules=MAP chat.test 127.0.0.1, MAP evil.test 127.0.0.1:${evil.address().port}`],
  onePage: true,
  prepare: () => b.signUp(page, stack.url),
});
beforeEach(() => { stack.gateway.keepsThreads = true; });
afterEach(async () => {
  visits.length = 0;
  await b.button(page, 'New chat').click();
});

const { messageBox, lastReply, replies } = b;

/** Elements and attributes of replies that should not be there. */
function strangers() {
  const names = new Set('A B BLOCKQUOTE BR BUTTON CODE DEL DIV EM H3 H4 H5 H6 HR I KBD LI OL P PRE S SPAN STRONG SUB SUP TABLE TBODY TD TH THEAD TR U UL'.split(' '));
  const attributes = /^(href|class|start|target|rel|tabindex|role|aria-label|aria-level|type|dir)$/;
  const classes = /^(|markdown-block|language-[\w+#.-]+|hljs-.*|align-\w+|task|code-block|code-bar|copy-code quiet-button|table-scroll)$/;
  return [...document.querySelectorAll('[data-role="assistant"] .markdown *')].flatMap((element) => [
    names.has(element.nodeName) ? [] : [element.nodeName],
    [...element.attributes].filter(({ name }) => !attributes.test(name)).map(({ name }) => `${element.nodeName} ${name}`),
    !element.hasAttribute('href') || /^(https?:\/\/|mailto:)/.test(element.getAttribute('href')) ? [] : [`href ${element.getAttribute('href')}`],
    classes.test(element.className) ? [] : [`class ${element.className}`],
  ].flat());
}

async function isHarmless(home) {
  assert.deepEqual(await page.evaluate(strangers), []);
  await page.evaluate(() => {
    const within = (text) => document.evaluate(`.//text()[contains(., "${text}")]/..`, document.querySelector('[role="log"]'), null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
    const found = within('click me');
    for (let i = 0; i < found.snapshotLength; i++) found.snapshotItem(i).click();
  });
  await sleep(300);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(page.url(), home);
  assert.equal(page.context().pages().length, 1);
  assert.equal(await page.locator('base').getAttribute('href'), '/');
  const own = [stack.url, stack.gateway.url];
  const foreign = page.requests.map((request) => request.url()).filter((url) => !own.some((origin) => url.startsWith(`${origin}/`)));
  assert.deepEqual(foreign, []);
  assert.deepEqual(visits, []);
}

describe('hostile Markdown', () => {
  test('letter by letter, so that each beginning of it is Markdown of its own', async () => {
    const stream = await begin('Show me');
    stream.piece('Look:\n\n');
    await b.shows(lastReply(page), 'Look');
    const home = page.url();
    for (const [i, letter] of [...HOSTILE.join('\n\n')].entries()) {
      stream.piece(letter);
      if (i % 8 === 0) await sleep(1);
    }
    stream.finish();
    assert.equal(await b.settled(page), 'whole');
    await isHarmless(home);
  });

  test('in prompts and replies of a conversation that is opened', async () => {
    const all = [...HOSTILE, 'The end.'].map((text) => [['user', text], ['assistant', text]]);
    const threads = Array.from({ length: Math.ceil(all.length / 50) }, (_, i) => all.slice(i * 50, i * 50 + 50));
    await t.seed(threads.map((turns, i) => ({ id: `hostile-${i}`, title: HOSTILE[4 * i], messages: turns.flat() })));
    for (const [i, turns] of threads.entries()) {
      await page.goto(`${stack.url}/c/hostile-${i}`);
      await eventually(async () => (await replies(page).count()) === turns.length, 'it is not opened');
      await isHarmless(`${stack.url}/c/hostile-${i}`);
      await b.shows(b.prompts(page).first(), turns[0][0][1]);
    }
  });

  for (const [name, text] of Object.entries(EXHAUSTING)) {
    test(`${name} can be read, and the page goes on`, async () => {
      stack.gateway.answer(text);
      await b.send(page, 'Show me');
      assert.equal(await b.settled(page), 'whole');
      stack.gateway.answer('Still here.');
      await b.send(page, 'And now?');
      assert.equal(await b.settled(page), 'whole');
      await b.shows(lastReply(page), 'Still here.');
      assert.equal(await replies(page).count(), 2);
    });
  }
});

test('images from elsewhere are links', async () => {
  stack.gateway.answer('![A diagram](https://evil.test/pixel.png)');
  await b.send(page, 'Show me');
  assert.equal(await b.settled(page), 'whole');
  const link = lastReply(page).getByRole('link', { name: 'A diagram' });
  assert.equal(await link.getAttribute('href'), 'https://evil.test/pixel.png');
  assert.match(await link.getAttribute('rel'), /noopener/);
  assert.match(await link.getAttribute('rel'), /noreferrer/);
  assert.equal(await link.getAttribute('target'), '_blank');
});

describe('the content security policy', () => {
  test('lets the page talk to this site and the gateway only', async () => {
    const policy = (await page.goto(stack.url)).headers()['content-security-policy'];
    await messageBox(page).waitFor();
    const directive = (name) => policy.split(';').map((part) => part.trim().split(/\s+/)).find(([key]) => key === name)?.slice(1);
    assert.deepEqual(directive('connect-src').sort(), ["'self'", stack.gateway.url].sort());
    assert.deepEqual(directive('default-src'), ["'none'"]);
    assert.deepEqual(directive('script-src'), ["'self'"]);
    assert.deepEqual(directive('style-src'), ["'self'"]);
  });

  // What would be left to stop it, had the page let it through.
  const attempts = {
    'connect-src': () => fetch('https://evil.test/').catch(() => {}),
    'img-src': () => { new Image().src = 'https://evil.test/a.png'; },
    'script-src-elem': () => { document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.hacked=1' })); },
    'script-src-attr': () => { document.body.insertAdjacentHTML('beforeend', '<i onclick="window.hacked=1"></i>'); document.body.lastChild.click(); },
    'style-src-elem': () => { document.body.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'https://evil.test/a.css' })); },
    'style-src-attr': () => { document.body.insertAdjacentHTML('beforeend', '<i style="color: red"></i>'); },
    'frame-src': () => { document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://evil.test/' })); },
    'form-action': () => { const form = Object.assign(document.createElement('form'), { action: 'https://evil.test/' }); document.body.append(form); form.submit(); },
    'base-uri': () => { document.head.prepend(Object.assign(document.createElement('base'), { href: 'https://evil.test/' })); },
  };
  for (const [directive, attempt] of Object.entries(attempts)) {
    test(`stops what is against ${directive}`, async () => {
      await page.evaluate(() => {
        document.addEventListener('securitypolicyviolation', (event) => { window.violated ??= event.effectiveDirective; });
      });
      await page.evaluate(attempt);
      await eventually(() => page.evaluate(() => window.violated), 'nothing is stopped');
      assert.equal(await page.evaluate(() => window.violated), directive);
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      page.problems.length = 0;
      await page.goto(stack.url);
      await messageBox(page).waitFor();
    });
  }
});

test('whoever comes to evil.test is noticed', async () => {
  const other = await b.openPage(browser);
  await other.goto('http://evil.test/').catch(() => {});
  assert.ok(visits.length > 0);
  await other.context().close();
});
