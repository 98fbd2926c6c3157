// Enter, Stop, the first piece, and what goes to the gateway.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { eventually, sleep } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, begin, browser, page, stack, streaming } from './fixture.mjs';
import * as t from './threads.mjs';

around({ onePage: true, prepare: () => b.signUp(page, stack.url) });
afterEach(async () => {
  if (await b.button(page, 'Stop').count()) await b.button(page, 'Stop').click();
  await b.messageBox(page).fill('');
  await b.button(page, 'New chat').click();
});

const { messageBox, button, prompts, replies, lastReply } = b;

describe('keys', () => {
  test('Enter sends, Shift+Enter makes a new line', async () => {
    stack.gateway.answer('Good.');
    await messageBox(page).fill('one');
    await messageBox(page).press('Shift+Enter');
    await messageBox(page).pressSequentially('two');
    assert.equal(await messageBox(page).inputValue(), 'one\ntwo');
    assert.equal(await prompts(page).count(), 0);
    await messageBox(page).press('Enter');
    await b.settled(page);
    assert.equal(await prompts(page).innerText(), 'one\ntwo');
    assert.equal(await messageBox(page).inputValue(), '');
  });

  test('with only blanks typed Send is disabled and Enter sends nothing', async () => {
    assert.ok(await button(page, 'Send').isDisabled());
    await messageBox(page).fill('  \n ');
    assert.ok(await button(page, 'Send').isDisabled());
    await messageBox(page).press('Enter');
    assert.equal(await prompts(page).count(), 0);
    await messageBox(page).fill(' x ');
    assert.ok(await button(page, 'Send').isEnabled());
  });

  test('Enter within an IME composition never sends', async () => {
    await messageBox(page).focus();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
    await devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 });
    await messageBox(page).dispatchEvent('keydown', { key: 'Enter', keyCode: 13, isComposing: true, bubbles: true });
    await devtools.send('Input.insertText', { text: '日本' });
    assert.equal(await messageBox(page).inputValue(), '日本');
    assert.equal(await prompts(page).count(), 0);
    stack.gateway.answer('はい');
    await messageBox(page).press('Enter');
    await b.settled(page);
    assert.equal(await prompts(page).innerText(), '日本');
  });

  test('on a touch screen Enter is a new line and Ctrl+Enter sends', async () => {
    const phone = await b.openPage(browser, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } });
    await b.signUp(phone, stack.url);
    stack.gateway.answer('Good.');
    await messageBox(phone).fill('one');
    await messageBox(phone).press('Enter');
    await messageBox(phone).pressSequentially('two');
    assert.equal(await messageBox(phone).inputValue(), 'one\ntwo');
    assert.equal(await prompts(phone).count(), 0);
    await messageBox(phone).press('Control+Enter');
    await b.settled(phone);
    assert.equal(await prompts(phone).innerText(), 'one\ntwo');
    await phone.context().close();
  });
});

describe('streaming', () => {
  test('the prompt shows while nobody has answered yet, neither the mint nor the gateway', async () => {
    // The chat after one that has begun needs a token of its own.
    await ask('First', 'Yes.');
    await button(page, 'New chat').click();
    stack.gateway.completions.length = 0;
    let release;
    await page.route('**/behest.mint', async (route) => {
      await new Promise((resolve) => { release = resolve; });
      await route.continue();
    });
    await b.send(page, 'Hello?');
    await eventually(() => release, 'no token is asked for');
    await b.shows(prompts(page), 'Hello?');
    assert.equal(await lastReply(page).getAttribute('data-state'), 'streaming');
    assert.equal(await messageBox(page).inputValue(), '');
    assert.equal(stack.gateway.completions.length, 0);
    stack.gateway.answer('Hello.');
    release();
    assert.equal(await b.settled(page), 'whole');
    await page.unroute('**/behest.mint');
  });

  test('the prompt shows before the network answers, the first piece as soon as it is there', async () => {
    const held = stack.gateway.hold();
    await b.send(page, 'Hello?');
    await b.shows(prompts(page), 'Hello?');
    assert.equal(await lastReply(page).getAttribute('data-state'), 'streaming');
    const stream = await held;
    assert.equal((await lastReply(page).innerText()).trim(), '');
    stream.piece('First');
    await b.shows(lastReply(page), 'First');
    stream.piece(' and second');
    await b.shows(lastReply(page), 'First and second');
    assert.equal(await lastReply(page).getAttribute('data-state'), 'streaming');
    stream.finish();
    assert.equal(await b.settled(page), 'whole');
  });

  test('the first piece is painted within 100 ms of its arrival', async () => {
    // Measured where the piece arrives: between the network handing it over and the text being in the page.
    await page.evaluate(() => {
      const fetch = window.fetch;
      const observe = () => {
        const observer = new MutationObserver(() => {
          if (!document.querySelector('[data-role="assistant"]')?.textContent.includes('First')) return;
          observer.disconnect();
          window.firstShown = performance.now();
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      };
      const note = new TransformStream({
        transform(chunk, controller) {
          window.firstPiece ??= performance.now();
          controller.enqueue(chunk);
        },
      });
      window.fetch = async (...args) => {
        const response = await fetch(...args);
        if (!response.headers.get('content-type')?.includes('event-stream')) return response;
        observe();
        return new Response(response.body.pipeThrough(note), response);
      };
    });
    const stream = await streaming('Quick', 'First piece');
    stream.finish();
    await b.settled(page);
    const delay = await page.evaluate(() => window.firstShown - window.firstPiece);
    await page.reload();
    await messageBox(page).waitFor();
    assert.ok(delay < 100, `${delay} ms`);
  });

  test('the status line says when a reply starts and ends', async () => {
    const status = page.getByRole('status');
    const stream = await begin('Hello?');
    stream.piece('Hi');
    await b.shows(status, 'Reply started');
    stream.finish();
    await b.shows(status, 'Reply finished');
    assert.equal(await page.getByRole('log', { name: 'Conversation' }).getAttribute('aria-live'), 'off');
  });
});

describe('the request', () => {
  test('goes to the gateway with the minted token and the two ids, and nothing of the SDK', async () => {
    await ask('What is sent?', 'Good.');
    const [{ headers, body, claims }] = stack.gateway.completions;
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    assert.match(headers['x-thread-id'], uuid);
    assert.equal(headers['x-session-id'], claims.sid);
    assert.equal(headers.origin, stack.url);
    assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith('x-stainless')), []);
    assert.deepEqual(body, { messages: [{ role: 'user', content: 'What is sent?' }], stream: true });
    for (const { headers: asked } of stack.gateway.preflights) {
      assert.deepEqual(asked.filter((name) => !['authorization', 'content-type', 'x-session-id', 'x-thread-id'].includes(name)), []);
    }
  });

  test('carries the earlier messages where the gateway keeps none', async () => {
    await ask('Two and two?', 'Four.');
    await ask('Twice that?', 'Eight.');
    const [first, second] = stack.gateway.completions;
    assert.deepEqual(second.body.messages, [
      { role: 'user', content: 'Two and two?' },
      { role: 'assistant', content: 'Four.' },
      { role: 'user', content: 'Twice that?' },
    ]);
    assert.equal(second.headers['x-thread-id'], first.headers['x-thread-id']);
    assert.equal(second.headers['x-session-id'], first.headers['x-session-id']);
  });

  test('carries only the new message where the gateway keeps threads', async () => {
    const other = await b.openPage(browser);
    stack.gateway.keepsThreads = true;
    await b.signUp(other, stack.url);
    await t.nav(other).waitFor();
    for (const question of ['One?', 'Two?']) {
      stack.gateway.answer('Yes.');
      await b.send(other, question);
      await b.settled(other);
    }
    assert.deepEqual(stack.gateway.completions[1].body.messages, [{ role: 'user', content: 'Two?' }]);
    await other.context().close();
  });

  test('carries only the new message, too, where the gateway tells late that it keeps threads', async () => {
    const other = await b.openPage(browser);
    stack.gateway.keepsThreads = true;
    const release = stack.gateway.holdThreads(/^GET \/v1\/threads$/);
    await b.signUp(other, stack.url);
    stack.gateway.answer('Yes.');
    await b.send(other, 'One?');
    await b.settled(other);
    release();
    await t.nav(other).waitFor();
    stack.gateway.answer('No.');
    await b.send(other, 'Two?');
    await b.settled(other);
    assert.deepEqual(stack.gateway.completions[1].body.messages, [{ role: 'user', content: 'Two?' }]);
    await other.context().close();
  });

  test('has a thread and a session of its own after New chat', async () => {
    await ask('One', 'a');
    await button(page, 'New chat').click();
    assert.equal(await replies(page).count(), 0);
    await ask('Two', 'b');
    const [first, second] = stack.gateway.completions.map(({ headers }) => headers);
    assert.notEqual(first['x-thread-id'], second['x-thread-id']);
    assert.notEqual(first['x-session-id'], second['x-session-id']);
  });
});

describe('stopping', () => {
  for (const [name, stop] of [
    ['Stop', () => button(page, 'Stop').click()],
    ['Esc', () => page.keyboard.press('Escape')],
  ]) {
    test(`${name} closes the connection; the text so far stays and does not grow after a reload`, async () => {
      const stream = await streaming('A long story', 'Once upon a time');
      await stop();
      await stream.closed();
      assert.equal(stream.isFinished, false);
      assert.equal(await lastReply(page).getAttribute('data-state'), 'stopped');
      await b.shows(page.getByRole('status'), 'Reply stopped');
      assert.equal(await button(page, 'Send').count(), 1);
      const before = await lastReply(page).innerText();
      await page.reload();
      await b.shows(lastReply(page), 'Once upon a time');
      assert.equal(await lastReply(page).getAttribute('data-state'), 'stopped');
      assert.equal(await lastReply(page).innerText(), before);
      assert.equal(await replies(page).count(), 1);
    });
  }

  test('Stop before the gateway has answered works too', async () => {
    const stream = await begin('Hello?');
    await button(page, 'Stop').click();
    await stream.closed();
    assert.equal(await b.settled(page), 'stopped');
  });

  test('New chat in mid-stream stops it, and nothing of it comes into the new chat', async () => {
    const stream = await streaming('A long story', 'Once');
    await button(page, 'New chat').click();
    await stream.closed();
    assert.equal(await replies(page).count(), 0);
    const next = stack.gateway.hold();
    await b.send(page, 'Another one');
    (await next).piece('Twice');
    await b.shows(lastReply(page), 'Twice');
    assert.equal(await replies(page).count(), 1);
  });
});

describe('endings', () => {
  test('a reload in mid-stream keeps prompt and text so far, and asks nothing again', async () => {
    const stream = await streaming('A long story', 'Once upon a time');
    await page.reload();
    await b.shows(lastReply(page), 'Once upon a time');
    assert.equal(await prompts(page).innerText(), 'A long story');
    assert.equal(await lastReply(page).getAttribute('data-state'), 'incomplete');
    await sleep(300);
    assert.equal(stack.gateway.completions.length, 1);
  });

  test('prompt and text so far are kept as they come, and at once when the page goes away', async () => {
    const stream = await begin('A long story');
    assert.match(await b.stored(page), /A long story/);
    stream.piece('Once upon');
    await eventually(async () => /Once upon/.test(await b.stored(page)), 'what has come is not kept');
    // In the very moment in which it is shown.
    await page.evaluate(() => {
      const observer = new MutationObserver(() => {
        if (!document.querySelector('[data-role="assistant"]').textContent.includes('a time')) return;
        observer.disconnect();
        dispatchEvent(new PageTransitionEvent('pagehide'));
        window.kept = JSON.stringify({ ...localStorage });
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    stream.piece(' a time');
    await b.shows(lastReply(page), 'a time');
    assert.match(await page.evaluate(() => window.kept), /Once upon a time/);
    stream.finish();
    assert.equal(await b.settled(page), 'whole');
  });

  test('a cut connection keeps the text so far and offers Retry', async () => {
    const stream = await streaming('Tell me', 'Half of it');
    stream.cut();
    assert.equal(await b.settled(page), 'incomplete');
    await b.shows(lastReply(page), 'Half of it');
    assert.equal(stack.gateway.completions.length, 1);
    stack.gateway.answer('The whole of it.');
    await button(page, 'Retry').click();
    assert.equal(await b.settled(page), 'whole');
    await b.shows(lastReply(page), 'The whole of it.');
    assert.equal(await prompts(page).count(), 1);
    assert.deepEqual(stack.gateway.completions[1].body.messages, [{ role: 'user', content: 'Tell me' }]);
  });

  test('an end without a reason is marked incomplete', async () => {
    const stream = await begin('Tell me');
    stream.piece('Almost');
    stream.end();
    assert.equal(await b.settled(page), 'incomplete');
    await eventually(() => button(page, 'Retry').count());
  });

  test('a reply of nothing but blanks is called empty', async () => {
    await ask('Tell me', ' \n \n');
    await b.shows(lastReply(page), 'The reply was empty.');
    assert.equal(await button(page, 'Copy').count(), 0);
  });
});
