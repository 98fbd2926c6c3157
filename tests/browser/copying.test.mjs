// Copy: a reply as the Markdown that it is, a block of code as it stands there; on plain HTTP as well.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack } from './fixture.mjs';
import { startScriptedStack } from './stack.mjs';

// A name that is not localhost makes plain HTTP what it is elsewhere: no secure context, no clipboard API.
around({ start: () => startScriptedStack({ host: 'chat.test' }), args: ['--host-resolver-rules=MAP chat.test 127.0.0.1'] });

const { messageBox, button, lastReply } = b;
const REPLY = [
  'Some **bold** words & "more" <b>of</b> them:',
  '```sh\nmake\nmake check\n```',
  '```js\nconst tabs = "\t";\n\n  // <b> & ümläut 🎉 &amp; `ticks`\n```',
  'The end.',
].join('\n\n');

const said = (text) => b.shows(page.getByRole('status'), text);
const copyCode = (index) => lastReply(page).getByRole('button', { name: 'Copy code' }).nth(index);

async function pasted() {
  await messageBox(page).fill('');
  await messageBox(page).press('Control+v');
  const text = await messageBox(page).inputValue();
  await messageBox(page).fill('');
  return text;
}

async function copies(control, text) {
  await control.focus();
  await page.keyboard.press('Enter');
  await b.shows(control, 'Copied');
  await said('Copied');
  assert.ok(await control.evaluate((element) => element === document.activeElement), 'the focus has gone');
  assert.equal(await pasted(), text);
}

describe('on plain HTTP', () => {
  beforeEach(async () => {
    await b.signUp(page, stack.url);
    assert.equal(await page.evaluate(() => window.isSecureContext), false);
    await ask('Show me', REPLY);
  });

  test('a reply, as the Markdown that it is', () => copies(button(page, 'Copy'), REPLY));

  test('each block of code, as it stands there, with its colours too', async () => {
    await eventually(async () => (await lastReply(page).locator('pre').last().locator('span').count()) > 0, 'nothing is highlighted');
    await copies(copyCode(0), 'make\nmake check');
    await copies(copyCode(1), 'const tabs = "\t";\n\n  // <b> & ümläut 🎉 &amp; `ticks`');
  });

  test('is seen where it was asked for', async () => {
    for (const control of [copyCode(0), button(page, 'Copy')]) {
      await control.click();
      await b.shows(control, 'Copied');
      await eventually(async () => (await control.innerText()).trim() === 'Copy', 'it goes on saying so');
    }
  });

  test('by the mouse, and the view stays where it is', async () => {
    const log = page.getByRole('log');
    const top = await log.evaluate((element) => element.scrollTop);
    await copyCode(1).click();
    await said('Copied');
    assert.match(await pasted(), /^const tabs/);
    assert.equal(await log.evaluate((element) => element.scrollTop), top);
    assert.equal(await page.evaluate(() => document.documentElement.scrollTop), 0);
  });

  test('what cannot be copied is said', async () => {
    await page.evaluate(() => { document.execCommand = () => false; });
    await button(page, 'Copy').click();
    await said('Copying failed');
    await copyCode(0).click();
    await b.shows(copyCode(0), 'Failed');
  });
});

describe('where there is the clipboard API', () => {
  const LOCAL = 'localhost';
  const comeLocally = async () => {
    const url = stack.url.replace('chat.test', LOCAL);
    stack.gateway.allowedOrigins.push(url);
    await b.signUp(page, url);
    assert.equal(await page.evaluate(() => window.isSecureContext), true);
    await ask('Show me', REPLY);
  };

  test('it is used', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await comeLocally();
    await page.evaluate(() => { document.execCommand = () => false; });
    await copies(button(page, 'Copy'), REPLY);
    await copies(copyCode(0), 'make\nmake check');
  });

  test('and refuses, copying works all the same', async () => {
    await comeLocally();
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('Not allowed', 'NotAllowedError'));
    });
    await copies(button(page, 'Copy'), REPLY);
  });
});
