// What somebody has written, and what was said, is still there whatever happens to what it was meant for.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack, streaming } from './fixture.mjs';
import { startScriptedStack } from './stack.mjs';
import * as t from './threads.mjs';

around({ start: () => startScriptedStack({ env: { CHAT_EXAMPLES: 'Why does it rain?' } }) });
beforeEach(() => { stack.gateway.keepsThreads = true; });

const { messageBox, button, prompts, replies, lastReply } = b;
const kept = (uid) => stack.gateway.threads.of(uid).map(({ messages }) => messages.map(({ content }) => content));
const turns = (count) => Array.from({ length: count }, (_, i) => [['user', `Question ${i}`], ['assistant', `Answer ${i}.`]]).flat();
const typed = (of = page) => messageBox(of).inputValue();
const editBox = () => page.getByRole('textbox', { name: 'Edited message' });
const isTyped = (text, of = page) => eventually(async () => (await typed(of)) === text, `“${text}” is not in the composer`);

async function openAlpha(...more) {
  const signedUp = await t.signUpWith(t.ALPHA, ...more);
  await t.links().first().click();
  await b.shows(lastReply(page), 'first letter');
  return signedUp;
}

/** Sends the first message changed; its reply is in the test's hands. */
async function edit(text) {
  const held = stack.gateway.hold();
  await prompts(page).first().hover();
  await prompts(page).first().getByRole('button', { name: 'Edit' }).click();
  const box = editBox();
  await box.fill(text);
  await box.press('Enter');
  return held;
}

const EDITED = 'A question that took ten minutes to write';
const failed = () => page.getByRole('region', { name: /did not come/ });

describe('Regenerate', () => {
  const begin = async () => {
    const held = stack.gateway.hold();
    await button(page, 'Regenerate').click();
    return held;
  };
  const regenerate = async (messages, last) => {
    const { uid } = await t.signUpWith({ ...t.ALPHA, messages });
    await t.links().first().click();
    await b.shows(lastReply(page), last);
    stack.gateway.answer('A better answer.');
    await button(page, 'Regenerate').click();
    await b.shows(lastReply(page), 'A better answer.');
    await eventually(async () => (await page.locator('.replacement').count()) === 0, 'the new reply took no place');
    return uid;
  };
  test('takes along what was not loaded yet of a long conversation', async () => {
    const uid = await regenerate(turns(130), 'Answer 129.');
    await eventually(() => kept(uid).length === 1, 'the old thread is still there');
    const [messages] = kept(uid);
    assert.equal(messages.length, 260);
    assert.deepEqual([messages[0], messages.at(-1)], ['Question 0', 'A better answer.']);
    assert.equal(await prompts(page).count(), 130);
  });
  test('keeps the old thread when not all of it can be said again', async () => {
    const long = [['user', 'x'.repeat(500_000)], ['assistant', 'y'.repeat(500_000)], ...turns(2)];
    const uid = await regenerate(long, 'Answer 1.');
    await t.isListed('Question 0', 'About alpha');
    assert.deepEqual(kept(uid).map((messages) => messages.length), [4, 6]);
    await t.links().last().click();
    await b.shows(lastReply(page), 'Answer 1.');
  });
  test('of an early message takes along what this browser has had all the time', async () => {
    const { uid } = await t.signUpWith({ ...t.ALPHA, messages: turns(65) });
    await t.links().first().click();
    await b.shows(lastReply(page), 'Answer 64.');
    await button(page, 'Show earlier messages').click();
    await eventually(async () => (await prompts(page).count()) === 65, 'they did not come');
    stack.gateway.answer('A better answer.');
    await button(page, 'Regenerate').click();
    await eventually(() => t.path() !== '/c/alpha' && kept(uid).length === 1, 'it was not replaced');
    assert.equal(kept(uid)[0].length, 130);
    // What the new thread has of the time before has no ids here until the gateway tells them, page by page.
    await b.takes(page, /messages\?limit=\d+$/, () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))));
    const held = stack.gateway.hold();
    await prompts(page).nth(2).hover();
    await prompts(page).nth(2).getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Edited message' }).fill('Changed 2');
    await page.getByRole('textbox', { name: 'Edited message' }).press('Enter');
    const stream = await held;
    stream.piece('Changed answer.');
    stream.finish();
    await eventually(() => kept(uid).length === 1 && kept(uid)[0].length === 6, 'it was not replaced');
    assert.deepEqual(kept(uid)[0], ['Question 0', 'Answer 0.', 'Question 1', 'Answer 1.', 'Changed 2', 'Changed answer.']);
    assert.equal(await prompts(page).count(), 3);
  });
  test('keeps the old thread when there is more in it than is shown', async () => {
    const uid = await regenerate([['system', 'Answer in French.'], ...turns(1)], 'Answer 0.');
    await t.isListed('Question 0', 'About alpha');
    assert.deepEqual(kept(uid).map(([first]) => first), ['Question 0', 'Answer in French.']);
  });
  test('keeps the old thread when a question in it was never answered', async () => {
    const uid = await regenerate([['user', 'My name is Ada.'], ['assistant', '', 'stopped'], ...turns(1)], 'Answer 0.');
    await t.isListed('Question 0', 'About alpha');
    assert.deepEqual(kept(uid).map(([first]) => first), ['Question 0', 'My name is Ada.']);
  });
  test('keeps the old thread when more has been said in it on another device', async () => {
    const { uid } = await openAlpha();
    const stream = await begin();
    stream.piece('A better answer.');
    await b.shows(lastReply(page), 'A better answer.');
    stack.gateway.threads.seed(uid, { ...t.ALPHA, at: Date.now() - 60_000, messages: [...t.ALPHA.messages, ['user', 'And beta?'], ['assistant', 'The second.']] });
    stream.finish();
    await t.isListed('What is alpha?', 'About alpha');
    assert.deepEqual(kept(uid).map((messages) => messages.at(-1)).sort(), ['A better answer.', 'The second.']);
    await t.links().last().click();
    await b.shows(lastReply(page), 'The second.');
  });
  test('keeps the old thread when it cannot be looked at once more', async () => {
    await openAlpha();
    const stream = await begin();
    stack.gateway.refuseThreads(/alpha\/messages$/, 500);
    stream.piece('A better answer.');
    stream.finish();
    await t.isListed('What is alpha?', 'About alpha');
  });
});

describe('a message that was changed', () => {
  test('is a draft after a reload in mid-stream', async () => {
    await openAlpha();
    const stream = await edit(EDITED);
    stream.piece('Half');
    await b.shows(lastReply(page), 'Half');
    await page.reload();
    await b.shows(lastReply(page), 'first letter');
    await isTyped(EDITED);
  });
  test('is a draft after it failed and the page was reloaded', async () => {
    await openAlpha();
    (await edit(EDITED)).refuse(422, 'No', undefined, {});
    await failed().waitFor();
    assert.equal(await typed(), '');
    await page.reload();
    await isTyped(EDITED);
  });
  test('is a draft when what failed is dismissed', async () => {
    await openAlpha();
    (await edit(EDITED)).refuse(422, 'No', undefined, {});
    await button(page, 'Dismiss').click();
    await isTyped(EDITED);
  });
  test('is no draft when it is tried again, nor when it is changed once more', async () => {
    await openAlpha();
    (await edit(EDITED)).refuse(422, 'No', undefined, {});
    const again = stack.gateway.hold();
    await button(page, 'Retry').click();
    (await again).refuse(422, 'No', undefined, {});
    await failed().waitFor();
    assert.equal(await typed(), '');
    await prompts(page).first().hover();
    await prompts(page).first().getByRole('button', { name: 'Edit' }).click();
    const box = page.getByRole('textbox', { name: 'Edited message' });
    assert.equal(await box.inputValue(), EDITED);
    stack.gateway.answer('There.');
    await box.press('Enter');
    await eventually(async () => (await replies(page).count()) === 1, 'the old answer is still there');
    assert.equal(await typed(), '');
  });
  test('is a draft when another message is sent after it failed', async () => {
    await openAlpha();
    await messageBox(page).fill('And beta?');
    (await edit(EDITED)).refuse(422, 'No', undefined, {});
    await failed().waitFor();
    stack.gateway.answer('Second.');
    await messageBox(page).press('Enter');
    await b.shows(lastReply(page), 'Second.');
    await isTyped(EDITED);
  });
  test('stays on view when it is stopped while something else is typed', async () => {
    await openAlpha();
    const stream = await edit(EDITED);
    await messageBox(page).fill('x');
    await button(page, 'Stop').click();
    await stream.closed();
    await b.shows(failed(), EDITED);
    assert.equal(await typed(), 'x');
  });
  test('is a draft after signing in again, when the session had ended', async () => {
    stack.gateway.ttl = 60;
    const { email } = await openAlpha();
    await page.context().clearCookies();
    edit(EDITED).catch(() => {}); // no message comes to the gateway
    await b.emailBox(page).waitFor();
    await b.signIn(page, email);
    await isTyped(EDITED);
  });
  test('a second one leaves it beside what is typed', async () => {
    await openAlpha();
    await ask('And beta?', 'Second.');
    await messageBox(page).fill('Something else');
    (await edit(EDITED)).refuse(422, 'No', undefined, {});
    await failed().waitFor();
    await prompts(page).nth(1).hover();
    await prompts(page).nth(1).getByRole('button', { name: 'Edit' }).click();
    assert.equal(await editBox().inputValue(), 'And beta?');
    await isTyped(`Something else\n\n${EDITED}`);
  });
  test('is no draft once its reply has come', async () => {
    await openAlpha();
    const stream = await edit(EDITED);
    stream.piece('There.');
    stream.finish();
    await eventually(async () => (await replies(page).count()) === 1, 'the old answer is still there');
    await page.reload();
    await b.shows(lastReply(page), 'There.');
    assert.equal(await typed(), '');
    assert.doesNotMatch(await b.stored(page), /:edit:/);
  });
});

describe('a message that is being changed', () => {
  const begin = async () => {
    await prompts(page).first().hover();
    await prompts(page).first().getByRole('button', { name: 'Edit' }).click();
    await editBox().fill(EDITED);
  };
  test('is as it was when one comes back from another thread', async () => {
    await openAlpha(t.BETA);
    await begin();
    await t.links().nth(1).click();
    await b.shows(lastReply(page), 'second letter');
    assert.equal(await typed(), '');
    await page.goBack();
    await b.shows(lastReply(page), 'first letter');
    assert.equal(await editBox().inputValue(), EDITED);
    assert.equal(await typed(), '');
  });
  test('is a draft after a reload', async () => {
    await openAlpha();
    await begin();
    await page.reload();
    await b.shows(lastReply(page), 'first letter');
    await isTyped(EDITED);
  });
  test('is a draft after signing in again, when the session had ended', async () => {
    stack.gateway.ttl = 60;
    const { email } = await openAlpha();
    await begin();
    await page.context().clearCookies();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await b.emailBox(page).waitFor();
    await b.signIn(page, email);
    await isTyped(EDITED);
  });
  test('is none any more when that is cancelled', async () => {
    await openAlpha();
    await begin();
    await button(page, 'Cancel').click();
    await page.reload();
    await b.shows(lastReply(page), 'first letter');
    assert.equal(await typed(), '');
    assert.doesNotMatch(await b.stored(page), /:edit:/);
  });
  test('stays what it is while another message is sent', async () => {
    await openAlpha();
    await begin();
    await ask('And beta?', 'Second.');
    assert.equal(await editBox().inputValue(), EDITED);
    assert.equal(await typed(), '');
  });
});

describe('a draft', () => {
  test('goes along when the new reply ends while another thread is looked at', async () => {
    await openAlpha(t.BETA);
    const held = stack.gateway.hold();
    await button(page, 'Regenerate').click();
    const stream = await held;
    await messageBox(page).fill('Half a thought');
    await t.links().nth(1).click();
    await b.shows(lastReply(page), 'second letter');
    stream.piece('Alpha it is.');
    stream.finish();
    await t.isListed('What is alpha?', 'About beta');
    await t.links().first().click();
    await b.shows(lastReply(page), 'Alpha it is.');
    await isTyped('Half a thought');
  });
  test('is back after signing in again: of a first message that had failed before a reload', async () => {
    const { email } = await t.signUpWith();
    stack.gateway.refuse(422);
    await b.send(page, 'Precious words');
    assert.equal(await b.settled(page), 'failed');
    await page.reload();
    await isTyped('Precious words');
    stack.gateway.refuse(401, { times: 2 });
    await messageBox(page).press('Enter');
    await b.emailBox(page).waitFor();
    await b.signIn(page, email);
    await isTyped('Precious words');
  });
  test('is back after signing in again: of a message that waited for a countdown', async () => {
    const { email } = await openAlpha();
    stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '60' } });
    await b.send(page, 'Precious words');
    await b.shows(lastReply(page), 'Trying again in');
    await page.context().clearCookies();
    stack.gateway.revokeTokens();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await b.emailBox(page).waitFor();
    await b.signIn(page, email);
    await isTyped('Precious words');
  });
  test('stays when an example is chosen', async () => {
    await b.signUp(page, stack.url);
    await messageBox(page).fill('Half a thought');
    stack.gateway.answer('Rain.');
    await button(page, 'Why does it rain?').click();
    await b.shows(lastReply(page), 'Rain.');
    await isTyped('Half a thought');
  });
});

describe('a thread that was replaced', () => {
  test('is the new one in another tab, too, with what is typed there', async () => {
    await openAlpha();
    const other = await page.context().newPage();
    await other.goto(`${stack.url}/c/alpha`);
    await b.shows(lastReply(other), 'first letter');
    await messageBox(other).fill('Typed in the other tab');
    stack.gateway.answer('Alpha it is.');
    await button(page, 'Regenerate').click();
    await b.shows(lastReply(other), 'Alpha it is.');
    await isTyped('Typed in the other tab', other);
    assert.equal(t.path(other), t.path());
  });
  test('is the new one for Back, also after a reload', async () => {
    const { uid } = await openAlpha(t.BETA);
    await t.links().nth(1).click();
    await b.shows(lastReply(page), 'second letter');
    await t.links().nth(0).click();
    await b.shows(lastReply(page), 'first letter');
    stack.gateway.answer('Alpha it is.');
    await button(page, 'Regenerate').click();
    await eventually(() => !stack.gateway.threads.find(uid, 'alpha'), 'the old thread is still there');
    await page.reload();
    await b.shows(lastReply(page), 'Alpha it is.');
    await page.goBack();
    await b.shows(lastReply(page), 'second letter');
    await page.goBack();
    await b.shows(lastReply(page), 'Alpha it is.');
  });
});

describe('earlier messages', () => {
  const open = async () => {
    await t.signUpWith({ ...t.ALPHA, messages: turns(130) });
    await t.links().first().click();
    await b.shows(lastReply(page), 'Answer 129.');
  };
  const earlier = () => button(page, 'Show earlier messages');
  test('leave what is read where it is', async () => {
    await open();
    const log = page.getByRole('log');
    await eventually(() => log.evaluate((element) => element.scrollTop > 0), 'it does not begin at the end');
    await b.atRest(page, log);
    await log.evaluate((element) => { element.scrollTop = 0; });
    const first = prompts(page).first();
    const text = await first.innerText();
    const before = (await first.boundingBox()).y;
    await earlier().click();
    await eventually(async () => (await prompts(page).count()) === 100, 'they did not come');
    await eventually(async () => Math.abs((await prompts(page).filter({ hasText: text }).first().boundingBox()).y - before) < 60,
      'the view has moved');
    await earlier().click();
    await eventually(async () => (await prompts(page).count()) === 130, 'the first ones did not come');
    assert.equal(await earlier().count(), 0);
    await b.takes(page, /messages\?limit=\d+$/, () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))));
    await ask('More', 'Of course.');
    assert.equal(await earlier().count(), 0, 'it is there again');
  });
  test('that do not come say so', async () => {
    await open();
    stack.gateway.refuseThreads(/^GET .*messages$/, 500);
    await earlier().click();
    await b.shows(page.getByRole('log'), 'could not be loaded');
    await earlier().click();
    await eventually(async () => (await prompts(page).count()) === 100, 'they did not come');
  });
  test('leave a countdown alone', async () => {
    await open();
    stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '60' } });
    await b.send(page, 'And then?');
    await b.shows(lastReply(page), 'Trying again in');
    await earlier().click();
    await eventually(async () => (await prompts(page).count()) === 101, 'they did not come');
    await b.shows(lastReply(page), 'Trying again in');
    assert.equal(await button(page, 'Retry').count(), 0);
  });
});

test('a reply goes on where there are no frames, as when the page is about to be hidden', async () => {
  await b.signUp(page, stack.url);
  const stream = await streaming('Go on', 'One.');
  await page.evaluate(() => { window.requestAnimationFrame = () => 0; });
  stream.piece(' Two.');
  await b.shows(lastReply(page), 'Two.');
  await eventually(async () => (await b.stored(page)).includes('One. Two.'), 'it is not kept');
  stream.finish();
});
