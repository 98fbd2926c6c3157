// What else happens while a message is edited or a reply is made anew.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, page, stack } from './fixture.mjs';
import * as t from './threads.mjs';

let uid;
around();
beforeEach(async () => {
  stack.gateway.keepsThreads = true;
  ({ uid } = await t.signUpWith(t.ALPHA));
  await t.links().first().click();
  await b.shows(lastReply(page), 'first letter');
});

const { button, prompts, lastReply } = b;
const kept = () => stack.gateway.threads.of(uid).map(({ id, messages }) => [id, messages.map(({ content }) => content)]);
const threadSent = () => stack.gateway.completions.at(-1).headers['x-thread-id'];

/** Has a new reply begin; what follows of it is in the test's hands. */
async function regenerating() {
  const held = stack.gateway.hold();
  await button(page, 'Regenerate').click();
  const stream = await held;
  stream.piece('Alpha it');
  await b.shows(lastReply(page), 'Alpha it');
  return stream;
}

describe('what nobody waits for any more replaces nothing', () => {
  test('when the conversation is deleted meanwhile, both threads are', async () => {
    const stream = await regenerating();
    await t.nav().getByRole('button', { name: 'Delete conversation' }).click();
    await button(page, 'Delete').click();
    await stream.closed();
    await b.shows(t.nav(), 'will be listed here');
    await eventually(() => kept().length === 0, 'the new thread is still there');
    assert.equal(t.path(), '/');
  });

  test('when the person signs out meanwhile, the old answer stays', async () => {
    const stream = await regenerating();
    await button(page, 'Sign out').click();
    await stream.closed();
    await b.emailBox(page).waitFor();
    await eventually(() => kept().length === 1, 'the new thread is still there');
    assert.deepEqual(kept(), [['alpha', ['What is alpha?', 'The first letter.']]]);
  });
});

test('the old thread stays when the gateway has not kept the new one', async () => {
  const stream = await regenerating();
  stack.gateway.threads.remove(uid, threadSent());
  stream.finish();
  await b.settled(page);
  await eventually(() => t.path() === `/c/${threadSent()}`);
  await eventually(async () => (await t.titles()).includes('About alpha'), 'the old conversation is not listed');
  assert.deepEqual(kept(), [['alpha', ['What is alpha?', 'The first letter.']]]);
});

describe('while a reply is on its way', () => {
  test('a dialog that is open stays open when the conversation gets its new address', async () => {
    const stream = await regenerating();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('alp');
    stream.finish();
    await eventually(() => t.path() !== '/c/alpha');
    await page.keyboard.type('ha');
    assert.equal(await page.getByRole('combobox', { name: 'Title of the conversation' }).inputValue(), 'alpha');
  });

  test('a message that is being edited keeps what was typed, and cannot be sent', async () => {
    await prompts(page).first().hover();
    await button(page, 'Edit').click();
    const box = page.getByRole('textbox', { name: 'Edited message' });
    await box.fill('What is alpha, at length?');
    const held = stack.gateway.hold();
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('And beta?');
    await page.keyboard.press('Enter');
    const stream = await held;
    stream.piece('Beta it is.');
    await b.shows(lastReply(page), 'Beta it is.');
    assert.equal(await box.inputValue(), 'What is alpha, at length?');
    assert.ok(await button(page, 'Send again').isDisabled());
    stream.finish();
    await eventually(() => button(page, 'Send again').isEnabled());
    assert.equal(await b.focusedName(page), 'Message');
    assert.equal(await box.inputValue(), 'What is alpha, at length?');
  });
});

test('Back to a thread that was replaced leads to the one that it goes on in', async () => {
  const stream = await regenerating();
  stream.piece(' is.');
  await page.keyboard.press('Control+Shift+O');
  stream.finish();
  await t.isListed('What is alpha?');
  await page.goBack();
  await b.shows(lastReply(page), 'Alpha it is.');
  assert.equal(t.path(), `/c/${threadSent()}`);
});

test('the Enter that opens the form, held down, does not send it', async () => {
  await prompts(page).first().getByRole('button', { name: 'Edit' }).focus();
  await page.keyboard.down('Enter');
  await page.getByRole('textbox', { name: 'Edited message' }).waitFor();
  await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  assert.equal(await page.getByRole('textbox', { name: 'Edited message' }).inputValue(), 'What is alpha?');
  assert.equal(stack.gateway.completions.length, 0);
});

test('another person who signs in in one tab finds nothing of what was on its way in the other', async () => {
  const other = await page.context().newPage();
  await other.goto(stack.url);
  const held = stack.gateway.hold();
  await b.send(other, 'A zebra question');
  const stream = await held;
  stream.piece('A zebra answer');
  await b.shows(lastReply(other), 'A zebra answer');
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  // It hears of both changes at once, as a tab does that was asleep.
  await other.route('**/_system.session.init', async (route) => { await released; await route.continue(); });
  await button(page, 'Sign out').click();
  await b.emailBox(page).waitFor();
  await b.signUp(page, stack.url);
  release();
  await stream.closed();
  await b.shows(t.nav(other), 'will be listed here');
  assert.doesNotMatch(await b.stored(other), /zebra/i);
});
