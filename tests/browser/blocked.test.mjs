// A call that the browser blocks, or that nobody answers: the page says which it is, and what to do about it.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { PAGE_HEADERS } from '../lib/cors.mjs';
import { eventually } from '../lib/program.mjs';
import * as axe from './axe.mjs';
import * as b from './browser.mjs';
import { around, ask, page, reopen, stack } from './fixture.mjs';
import { startScriptedStack } from './stack.mjs';

const CHECK = '**/api/_internal/method/behest.checkGateway';
const { button, lastReply, messageBox } = b;
around({ mayComplain: true });
beforeEach(() => b.signUp(page, stack.url));

const help = () => lastReply(page).locator('details');
const asked = () => page.requests.filter((request) => request.method() === 'POST' && request.url().endsWith('/v1/chat/completions'));
const status = () => page.getByRole('status').innerText();

async function fail() {
  await b.send(page, 'My question');
  await eventually(async () => (await lastReply(page).getAttribute('data-state')) === 'failed', 'it does not fail');
}

describe('the origin is not on the list', () => {
  beforeEach(() => { stack.gateway.allowedOrigins = []; });

  test('the page says which to add, and where', async () => {
    await fail();
    await b.shows(lastReply(page), 'The chat service does not let this site in.');
    await b.shows(help().locator('code').first(), stack.url);
    for (const part of ['at Behest', 'GATEWAY_ALLOWED_ORIGINS', 'sends no Access-Control-Allow-Origin', stack.gateway.url])
      await b.shows(help(), part);
    assert.match(await status(), /does not let this site in/);
    assert.equal(await messageBox(page).inputValue(), 'My question');
  });

  test('nothing is sent again once that is known', async () => {
    const askedThen = page.waitForResponse(CHECK).then(() => asked().length);
    await fail();
    await b.shows(help(), stack.url);
    assert.equal(asked().length, await askedThen);
  });

  test('it can be copied', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await fail();
    await button(page, 'Copy origin').click();
    await eventually(async () => (await page.evaluate(() => navigator.clipboard.readText())) === stack.url, 'it is not copied');
  });

  test('a reload keeps it; once it is on the list, Retry works', async () => {
    await fail();
    await b.shows(help(), stack.url);
    await page.reload();
    await messageBox(page).waitFor();
    await b.shows(help(), stack.url);
    stack.gateway.allowedOrigins = [stack.url];
    stack.gateway.answer('Now it works.');
    await button(page, 'Retry').click();
    assert.equal(await b.settled(page), 'whole');
    assert.equal(await help().count(), 0);
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`at 320 px, ${colorScheme}: nothing sideways, nothing for axe-core`, async () => {
      stack.gateway.allowedOrigins = [stack.url];
      await reopen({ colorScheme, viewport: { width: 320, height: 640 } });
      await b.signUp(page, stack.url);
      stack.gateway.allowedOrigins = [];
      await fail();
      await b.shows(help(), stack.url);
      const sideways = await page.evaluate(() => [...document.querySelectorAll('.log, .log-column, details, details *')]
        .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && getComputedStyle(element).display !== 'inline')
        .map((element) => element.outerHTML.slice(0, 80)));
      assert.deepEqual(sideways, []);
      await axe.isClean(page, 'help');
    });
  }

  test('by keyboard', async () => {
    await fail();
    await b.shows(help(), stack.url);
    const summary = help().locator('summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    assert.equal(await help().evaluate((details) => details.open), false);
    await page.keyboard.press('Enter');
    assert.equal(await help().evaluate((details) => details.open), true);
    await page.keyboard.press('Tab');
    assert.equal(await b.focusedName(page), 'Copy origin');
  });
});

test('another origin is on the list', async () => {
  stack.gateway.fixedOrigin = stack.url.replace('localhost', '127.0.0.1');
  await fail();
  await b.shows(help(), 'the host name differs');
  await b.shows(help(), stack.gateway.fixedOrigin);
  await b.shows(help(), 'GATEWAY_ALLOWED_ORIGINS');
});

test('a header is not allowed', async () => {
  stack.gateway.allowedHeaders = ['authorization', 'content-type'];
  await fail();
  await b.shows(lastReply(page), 'not set up for this site yet');
  await b.shows(help(), 'Have it list x-session-id, x-thread-id there.');
});

test('the gateway is elsewhere', async () => {
  stack.gateway.redirectTo = 'https://elsewhere.example.org/v1/chat/completions';
  await fail();
  await b.shows(help(), 'redirects to https://elsewhere.example.org/');
  await b.shows(help(), 'Set BEHEST_BASE_URL to where it leads.');
});

// With a token that is there already: without one, the mint fails before.
test('the server is down', async (t) => {
  const other = await startScriptedStack();
  t.after(() => other.stop().catch(() => {}));
  await reopen();
  await b.signUp(page, other.url);
  other.gateway.answer('Welcome.');
  await b.send(page, 'Hello');
  assert.equal(await b.settled(page), 'whole');
  await other.gateway.stop();
  await fail();
  await b.shows(lastReply(page), 'The chat service is down at the moment.');
  assert.equal(await help().evaluate((details) => details.open), false);
  await help().locator('summary').click();
  await b.shows(help(), 'the connection was refused');
});

test('only this browser does not get there', async () => {
  await page.route(`${stack.gateway.url}/**`, (route) => route.abort('blockedbyclient'));
  await fail();
  await b.shows(lastReply(page), 'this browser cannot reach it');
});

describe('the server cannot tell', () => {
  const GENERAL = 'The chat service cannot be reached, or does not let this site in.';
  beforeEach(() => { stack.gateway.allowedOrigins = []; });

  for (const [what, answer] of [
    ['it refuses', { status: 429, headers: { 'retry-after': '60' }, contentType: 'text/plain', body: 'Too many requests' }],
    ['it answers something else', { status: 200, contentType: 'text/html', body: '<h1>It works</h1>' }],
  ]) {
    test(what, async () => {
      await page.route(CHECK, (route) => route.fulfill(answer));
      const answered = page.waitForResponse(CHECK);
      await fail();
      await answered;
      await eventually(async () => !(await lastReply(page).innerText()).includes('Finding out'), 'it does not end');
      await b.shows(lastReply(page), GENERAL);
      assert.equal(await help().count(), 0);
    });
  }

  test('while it looks, that is said; what comes after a retry is dropped', async () => {
    let release;
    await page.route(CHECK, async (route) => {
      await new Promise((resolve) => { release = resolve; });
      await route.continue();
    });
    await fail();
    await b.shows(lastReply(page), `${GENERAL} Check the connection and try again. Finding out why…`);
    await eventually(() => release, 'nothing is asked');
    stack.gateway.allowedOrigins = [stack.url];
    stack.gateway.answer('Now it works.');
    await button(page, 'Retry').click();
    assert.equal(await b.settled(page), 'whole');
    await b.takes(page, /behest\.checkGateway$/, release);
    assert.equal((await lastReply(page).innerText()).includes('chat service'), false);
  });
});

test('what the server says is text', async () => {
  stack.gateway.allowedOrigins = [];
  const hostile = '<img src=x onerror="window.hacked = true"><b>bold</b>';
  await page.route(CHECK, (route) => route.fulfill({ json: { typeMap: null,
    data: { verdict: 'refused', message: hostile, advice: hostile, origin: hostile, gateway: `javascript:alert(1)${hostile}` } } }));
  await fail();
  await b.shows(lastReply(page), 'down at the moment');
  assert.deepEqual(await help().evaluate((details) => [details.querySelectorAll('img, b, a').length, window.hacked]), [0, undefined]);
  assert.ok((await help().evaluate((details) => details.textContent)).includes(hostile));
});

test('the server asks for the very headers that the browser asks for', async () => {
  await ask('Hello', 'Welcome.');
  const asked = stack.gateway.preflights.filter(({ path }) => path === '/v1/chat/completions');
  assert.ok(asked.length > 0);
  for (const { headers } of asked) assert.deepEqual(headers, PAGE_HEADERS.split(','));
});
