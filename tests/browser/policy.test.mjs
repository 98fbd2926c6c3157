// What the page does about refusals and outages: the upgrade prompt, the countdown, repetitions.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, sleep } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack, streaming } from './fixture.mjs';
import { startRealStack, startScriptedStack } from './stack.mjs';

const UPGRADE_URL = 'https://upgrade.example/plans';
around({ start: () => startScriptedStack({ env: { CHAT_UPGRADE_URL: UPGRADE_URL } }) });

const { messageBox, button, prompts, lastReply } = b;
const asked = () => stack.gateway.completions.length;

describe('402', () => {
  const details = { tier: 1, limit: 50_000, used: 50_123, kind: 'tokens_per_day', resets_at: '2026-11-24T00:00:00.000Z' };

  test('an upgrade prompt with tier, usage and limit, and the way to the operator’s page; no retry, the draft kept', async () => {
    await b.signUp(page, stack.url);
    stack.gateway.refuse(402, { message: 'What this account may use in a day is used up.', details });
    await b.send(page, 'My question');
    assert.equal(await b.settled(page), 'failed');
    for (const part of ['used up', 'Tier\n1', 'Used\n50,123 tokens', 'Limit\n50,000 tokens a day']) await b.shows(lastReply(page), part);
    assert.equal(await page.getByRole('link', { name: 'Upgrade' }).getAttribute('href'), UPGRADE_URL);
    assert.equal(await button(page, 'Retry').count(), 0);
    assert.equal(await messageBox(page).inputValue(), 'My question');
    await sleep(300);
    assert.equal(asked(), 1);
  });

  test('without numbers there is the link alone', async () => {
    await b.signUp(page, stack.url);
    stack.gateway.refuse(402, { message: 'Used up' });
    await b.send(page, 'My question');
    await b.settled(page);
    assert.equal(await page.getByRole('link', { name: 'Upgrade' }).count(), 1);
    assert.equal(await lastReply(page).locator('dt').count(), 0);
  });

  test('an Enter that is held down asks once', async () => {
    await b.signUp(page, stack.url);
    stack.gateway.refuse(402, { times: 20 });
    await messageBox(page).fill('My question');
    await page.keyboard.down('Enter');
    await b.settled(page);
    for (let i = 0; i < 5; i++) {
      await page.keyboard.down('Enter');
      await sleep(40);
    }
    await page.keyboard.up('Enter');
    assert.equal(asked(), 1);
    assert.equal(await messageBox(page).inputValue(), 'My question');
  });

  test('once the tier was raised the next message goes through without signing in again', async (t) => {
    const real = await startRealStack({ gatewayEnv: { GATEWAY_TIERS: '1:100,1,1000000;2:100,100,1000000' } });
    t.after(() => real.stop());
    const email = await b.signUp(page, real.url);
    await b.send(page, 'How do I add a user?');
    assert.equal(await b.settled(page), 'whole');
    await b.send(page, 'And what is its tier?');
    assert.equal(await b.settled(page), 'failed');
    for (const part of ['Tier\n1', 'Used\n1 request', 'Limit\n1 request a day']) await b.shows(lastReply(page), part);
    await real.admin(['tier', 'set', email, '2']);
    await messageBox(page).press('Enter');
    assert.equal(await b.settled(page), 'whole');
    assert.equal(await prompts(page).count(), 2);
  });
});

describe('429', () => {
  const countdown = () => lastReply(page).getByText(/Trying again in \d+ second/);
  const seconds = async () => Number(/in (\d+) second/.exec(await countdown().innerText())[1]);

  test('counts down what Retry-After says, then asks once more', async () => {
    await b.signUp(page, stack.url);
    stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '2' } });
    stack.gateway.answer('Now it works.');
    await b.send(page, 'My question');
    await countdown().waitFor();
    await b.shows(lastReply(page), 'Slow down.');
    await b.shows(page.getByRole('status').filter({ hasText: 'Trying again' }).first(), 'Slow down. Trying again in 2 seconds.');
    assert.ok((await seconds()) <= 2);
    await eventually(async () => (await seconds().catch(() => 0)) === 1, 'it does not count');
    assert.equal(await button(page, 'Retry').count(), 0);
    assert.equal(await b.settled(page), 'whole');
    await b.shows(lastReply(page), 'Now it works.');
    assert.equal(asked(), 2);
    assert.equal(await prompts(page).count(), 1);
    assert.equal(await messageBox(page).inputValue(), '');
  });

  test('a second one is shown, with Retry', async () => {
    await b.signUp(page, stack.url);
    stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '1' }, times: 2 });
    await b.send(page, 'My question');
    assert.equal(await b.settled(page), 'failed');
    assert.equal(asked(), 2);
    assert.equal(await messageBox(page).inputValue(), 'My question');
    assert.equal(await button(page, 'Retry').count(), 1);
  });

  test('works without the header too', async () => {
    await b.signUp(page, stack.url);
    await page.clock.install();
    stack.gateway.refuse(429, { message: 'Slow down' });
    stack.gateway.answer('Now it works.');
    await b.send(page, 'My question');
    await countdown().waitFor();
    const wait = await seconds();
    assert.ok(wait >= 1 && wait <= 10, `${wait} s`);
    await page.clock.runFor(wait * 1000 + 500);
    assert.equal(await b.settled(page), 'whole');
  });

  const ways = {
    Cancel: () => button(page, 'Cancel').click(),
    Stop: () => button(page, 'Stop').click(),
    Esc: () => page.keyboard.press('Escape'),
  };
  for (const [name, cancel] of Object.entries(ways)) {
    test(`${name} ends the countdown: nothing more is sent, the draft is back, Retry works`, async () => {
      await b.signUp(page, stack.url);
      await page.clock.install();
      stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '30' } });
      await b.send(page, 'My question');
      await countdown().waitFor();
      await cancel();
      assert.equal(await b.settled(page), 'failed');
      assert.equal(await countdown().count(), 0);
      assert.equal(await messageBox(page).inputValue(), 'My question');
      await page.clock.runFor(60_000);
      assert.equal(asked(), 1);
      stack.gateway.answer('Now it works.');
      await button(page, 'Retry').click();
      assert.equal(await b.settled(page), 'whole');
      assert.equal(asked(), 2);
      assert.equal(await prompts(page).count(), 1);
      assert.equal(await messageBox(page).inputValue(), '');
    });
  }
});

describe('outages', () => {
  const kinds = {
    '5xx': (times) => stack.gateway.refuse(503, { times }),
    'no answer': (times) => stack.gateway.hangUp(times),
  };
  for (const [name, fail] of Object.entries(kinds)) {
    test(`${name}: three requests in all, with growing pauses`, async () => {
      await b.signUp(page, stack.url);
      const times = [];
      page.on('request', (request) => {
        if (request.url().endsWith('/v1/chat/completions') && request.method() === 'POST') times.push(Date.now());
      });
      fail(5);
      await b.send(page, 'My question');
      await b.shows(lastReply(page), 'Trying again');
      assert.equal(await b.settled(page), 'failed');
      await sleep(500);
      assert.equal(times.length, 3);
      assert.ok(times[2] - times[1] > times[1] - times[0], times.join());
      assert.equal(await messageBox(page).inputValue(), 'My question');
    });

    test(`${name} twice goes unnoticed`, async () => {
      await b.signUp(page, stack.url);
      fail(2);
      await ask('My question', 'Here at last.');
      await b.shows(lastReply(page), 'Here at last.');
      assert.equal(await prompts(page).count(), 1);
    });
  }

  test('what the gateway refused is told with its trace id, also after a reload; what is no fault of it is not', async () => {
    await b.signUp(page, stack.url);
    stack.gateway.refuse(400, { message: 'The question is too long', headers: { 'X-Trace-Id': 'trace-of-the-first' } });
    await b.send(page, 'My question');
    assert.equal(await b.settled(page), 'failed');
    await b.shows(lastReply(page), 'Trace trace-of-the-first');
    await page.reload();
    await b.shows(lastReply(page), 'Trace trace-of-the-first');
    stack.gateway.refuse(402, { message: 'Used up', headers: { 'X-Trace-Id': 'trace-of-the-second' } });
    await b.send(page, 'My question');
    await b.shows(lastReply(page), 'Used up');
    assert.doesNotMatch(await lastReply(page).innerText(), /trace/i);
  });

  test('once the first piece is there nothing is sent again', async () => {
    await b.signUp(page, stack.url);
    const stream = await streaming('My question', 'Half');
    stream.cut();
    assert.equal(await b.settled(page), 'incomplete');
    await sleep(1500);
    assert.equal(asked(), 1);
  });
});
