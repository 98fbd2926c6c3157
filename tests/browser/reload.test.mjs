// A reload in mid-stream, and replies that are written elsewhere: what is shown is what the gateway has, once.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack, streaming } from './fixture.mjs';
import * as t from './threads.mjs';

let uid;
around();
beforeEach(async () => {
  stack.gateway.keepsThreads = true;
  ({ uid } = await t.signUpWith());
});

const { messageBox, button, prompts, replies, lastReply } = b;
const thread = () => stack.gateway.threads.of(uid)[0];
const state = () => lastReply(page).getAttribute('data-state');
const isState = (expected) => eventually(async () => (await state()) === expected, `the reply is not ${expected}`);

async function isOnce(prompt, reply) {
  await b.shows(lastReply(page), reply);
  assert.deepEqual(await prompts(page).allInnerTexts(), [prompt]);
  assert.equal(await replies(page).count(), 1);
}

describe('a reload in mid-stream', () => {
  test('keeps prompt and text so far while nothing is known, and then what the gateway has', async () => {
    const stream = await streaming('A long story', 'Once upon');
    const release = stack.gateway.holdThreads(/messages$/);
    await page.reload();
    await isOnce('A long story', 'Once upon');
    await stream.closed();
    thread().messages.at(-1).content = 'Once upon a time';
    release();
    await isOnce('A long story', 'Once upon a time');
    assert.equal(await state(), 'incomplete');
    assert.equal(stack.gateway.completions.length, 1);
    assert.equal(await button(page, 'Retry').count(), 1);
  });

  test('the gateway got to the end of it', async () => {
    const stream = await streaming('A long story', 'Once upon');
    const release = stack.gateway.holdThreads(/messages$/);
    await page.reload();
    await stream.closed();
    Object.assign(thread().messages.at(-1), { content: 'Once upon a time. The end.', state: 'complete' });
    release();
    await isOnce('A long story', 'Once upon a time. The end.');
    await isState(null);
  });

  test('the gateway is still writing: the rest is asked for until it has ended', async () => {
    const stream = await streaming('A long story', 'Once upon');
    const release = stack.gateway.holdThreads(/messages$/);
    await page.reload();
    await stream.closed();
    const reply = thread().messages.at(-1);
    Object.assign(reply, { content: 'Once', state: 'streaming' });
    release();
    await isState('streaming');
    await isOnce('A long story', 'Once upon');
    const asked = () => stack.gateway.threadCalls.filter((call) => call.includes('/messages')).length;
    const askedBefore = asked();
    stack.gateway.refuseThreads(/messages$/, 500);
    await eventually(() => asked() > askedBefore, 'it does not ask again');
    reply.content = 'Once upon a time';
    await isOnce('A long story', 'Once upon a time');
    await b.shows(lastReply(page), 'Still being written');
    Object.assign(reply, { content: 'Once upon a time. The end.', state: 'complete' });
    await isOnce('A long story', 'Once upon a time. The end.');
    await isState(null);
    const before = asked();
    await page.waitForTimeout(6000);
    assert.equal(asked(), before, 'it goes on asking');
  });

  test('Retry replaces what broke off', async () => {
    const stream = await streaming('A long story', 'Once upon');
    await page.reload();
    await stream.closed();
    await isState('incomplete');
    stack.gateway.answer('From the beginning.');
    await button(page, 'Retry').click();
    assert.equal(await b.settled(page), 'whole');
    await isOnce('A long story', 'From the beginning.');
    await page.reload();
    await isOnce('A long story', 'From the beginning.');
    assert.deepEqual(thread().messages.map(({ content }) => content), ['A long story', 'From the beginning.']);
  });
});

test('what was stopped does not grow, however far the gateway came', async () => {
  const stream = await streaming('A long story', 'Once upon');
  await button(page, 'Stop').click();
  await stream.closed();
  Object.assign(thread().messages.at(-1), { content: 'Once upon a time. The end.', state: 'complete' });
  await b.takes(page, /\/messages\?/, () => page.reload());
  await t.isListed('A long story');
  await isOnce('A long story', 'Once upon');
  await isState('stopped');
  assert.doesNotMatch(await lastReply(page).innerText(), /a time/);
});

test('a message that the gateway refused is still there after a reload, with its draft', async () => {
  stack.gateway.refuse(422);
  await b.send(page, 'Precious words');
  assert.equal(await b.settled(page), 'failed');
  await b.takes(page, /\/messages\?/, () => page.reload());
  assert.deepEqual(await prompts(page).allInnerTexts(), ['Precious words']);
  assert.equal(await state(), 'failed');
  assert.equal(await messageBox(page).inputValue(), 'Precious words');
  await b.shows(t.nav(), 'will be listed here');
});

for (const [where, keepsThreads] of [['a gateway that keeps threads', true], ['one that keeps none', false]]) {
  test(`a message that waits for the end of a countdown is a draft after a reload, with the reason and Retry: ${where}`, async () => {
    stack.gateway.keepsThreads = keepsThreads;
    await page.reload();
    stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '60' } });
    await b.send(page, 'Precious words');
    await b.shows(lastReply(page), 'Slow down. Trying again in');
    await page.reload();
    await b.shows(lastReply(page), 'Slow down.');
    assert.equal(await state(), 'failed');
    assert.deepEqual(await prompts(page).allInnerTexts(), ['Precious words']);
    assert.equal(await messageBox(page).inputValue(), 'Precious words');
    stack.gateway.answer('Got them.');
    await button(page, 'Retry').click();
    assert.equal(await b.settled(page), 'whole');
    await isOnce('Precious words', 'Got them.');
    assert.equal(await messageBox(page).inputValue(), '');
  });
}

test('what another browser has added is there after a reload, in order', async () => {
  await ask('One?', 'First.');
  const turn = stack.gateway.threads.begin(uid, thread().id, [{ role: 'user', content: 'Two?' }]);
  turn.piece('Second.');
  turn.end('complete');
  await page.reload();
  await b.shows(lastReply(page), 'Second.');
  assert.deepEqual(await prompts(page).allInnerTexts(), ['One?', 'Two?']);
  assert.equal(await replies(page).count(), 2);
});

test('a reply that another browser reads is shown as being written, and one can go on asking', async () => {
  await ask('One?', 'First.');
  const turn = stack.gateway.threads.begin(uid, thread().id, [{ role: 'user', content: 'Two?' }]);
  turn.piece('Seco');
  await page.reload();
  await isState('streaming');
  assert.equal(await button(page, 'Stop').count(), 0);
  turn.piece('nd.');
  turn.end('complete');
  await b.shows(lastReply(page), 'Second.');
  await isState(null);
});
