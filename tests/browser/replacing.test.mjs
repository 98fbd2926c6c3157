// Edit and Regenerate: the old answer stays until the new one has ended.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, browser, page, stack } from './fixture.mjs';
import * as t from './threads.mjs';

let uid;
around();
beforeEach(async () => {
  stack.gateway.keepsThreads = true;
  ({ uid } = await t.signUpWith(t.ALPHA));
  await t.links().first().click();
  await b.shows(lastReply(page), 'first letter');
});

const { messageBox, button, prompts, replies, lastReply } = b;
const kept = () => stack.gateway.threads.of(uid).map(({ id, messages }) => [id, messages.map(({ content }) => content)]);
const says = (role, content) => ({ role, content });
const threadSent = () => stack.gateway.completions.at(-1).headers['x-thread-id'];

async function regenerate() {
  const held = stack.gateway.hold();
  await button(page, 'Regenerate').click();
  return held;
}

async function edit(index, text) {
  const held = stack.gateway.hold();
  await prompts(page).nth(index).hover();
  await prompts(page).nth(index).getByRole('button', { name: 'Edit' }).click();
  const box = page.getByRole('textbox', { name: 'Edited message' });
  await box.fill(text);
  await box.press('Enter');
  return held;
}

describe('Regenerate', () => {
  test('keeps the old answer until the new one has ended, then the thread gives way to a new one', async () => {
    const stream = await regenerate();
    stream.piece('Alpha it');
    await b.shows(lastReply(page), 'Alpha it');
    await b.shows(replies(page).first(), 'The first letter.');
    assert.equal(t.path(), '/c/alpha');
    assert.match((await t.titles()).join(), /^About alpha\s*, being answered$/);
    assert.notEqual(threadSent(), 'alpha');
    assert.deepEqual(stack.gateway.completions.at(-1).body.messages, [says('user', 'What is alpha?')]);
    stream.piece(' is.');
    stream.finish();
    await eventually(async () => (await replies(page).count()) === 1, 'the old answer is still there');
    await b.shows(lastReply(page), 'Alpha it is.');
    assert.equal(await prompts(page).count(), 1);
    assert.equal(t.path(), `/c/${threadSent()}`);
    await t.isListed('What is alpha?');
    await eventually(() => kept().length === 1, 'the old thread is still there');
    assert.deepEqual(kept(), [[threadSent(), ['What is alpha?', 'Alpha it is.']]]);
    await page.reload();
    await b.shows(lastReply(page), 'Alpha it is.');
    assert.equal(await replies(page).count(), 1);
  });

  test('goes on in the new thread, with only what is new', async () => {
    const stream = await regenerate();
    stream.piece('Alpha.');
    stream.finish();
    await eventually(async () => (await replies(page).count()) === 1);
    await ask('And then?', 'Beta.');
    const [first, second] = stack.gateway.completions;
    assert.equal(second.headers['x-thread-id'], first.headers['x-thread-id']);
    assert.deepEqual(second.body.messages, [says('user', 'And then?')]);
  });

  test('that is stopped before anything came leaves all as it was', async () => {
    const stream = await regenerate();
    await button(page, 'Stop').click();
    await stream.closed();
    await eventually(async () => (await replies(page).count()) === 1);
    await b.shows(lastReply(page), 'The first letter.');
    assert.equal(t.path(), '/c/alpha');
    await eventually(() => kept().length === 1, 'the new thread is still there');
    assert.deepEqual(kept(), [['alpha', ['What is alpha?', 'The first letter.']]]);
    assert.equal(await messageBox(page).inputValue(), '');
  });

  test('that is stopped half way counts as far as it came', async () => {
    const stream = await regenerate();
    stream.piece('Half an answer');
    await b.shows(lastReply(page), 'Half an answer');
    await page.keyboard.press('Escape');
    await stream.closed();
    await eventually(async () => (await replies(page).count()) === 1);
    assert.equal(await lastReply(page).getAttribute('data-state'), 'stopped');
    await page.reload();
    await b.shows(lastReply(page), 'Half an answer');
    assert.equal(await lastReply(page).getAttribute('data-state'), 'stopped');
    assert.equal(await replies(page).count(), 1);
  });

  for (const [name, fail] of [
    ['is refused', (stream) => stream.refuse(422, 'No', undefined, {})],
    ['breaks off', async (stream) => (stream.piece('Half'), await b.shows(lastReply(page), 'Half'), stream.cut())],
    ['ends without a reason', (stream) => (stream.piece('Half'), stream.end())],
  ]) {
    test(`that ${name} says so, leaves the old answer, and can be tried again`, async () => {
      await fail(await regenerate());
      await b.shows(page.getByRole('region', { name: /did not come/ }), 'The new version did not come');
      await b.shows(replies(page).first(), 'The first letter.');
      await eventually(() => kept().length === 1, 'the new thread is still there');
      assert.equal(kept()[0][0], 'alpha');
      assert.equal(t.path(), '/c/alpha');
      stack.gateway.answer('Now it works.');
      await button(page, 'Retry').click();
      await eventually(async () => (await replies(page).count()) === 1);
      await b.shows(lastReply(page), 'Now it works.');
      await eventually(() => JSON.stringify(kept()) === JSON.stringify([[threadSent(), ['What is alpha?', 'Now it works.']]]));
    });
  }

  test('that ends without a word leaves the old answer', async () => {
    (await regenerate()).finish();
    await b.shows(page.getByRole('region', { name: /did not come/ }), 'The reply was empty.');
    await b.shows(page.getByRole('status'), 'The new reply was empty. The old one stays.');
    await eventually(() => kept().length === 1 && kept()[0][0] === 'alpha', 'the new thread is still there');
    await page.reload();
    await b.shows(lastReply(page), 'The first letter.');
  });

  test('that failed can be dismissed', async () => {
    (await regenerate()).refuse(422, 'No', undefined, {});
    await button(page, 'Dismiss').click();
    assert.equal(await replies(page).count(), 1);
    assert.equal(await button(page, 'Regenerate').count(), 1);
  });

  test('is swept up when the page is reloaded in the middle', async () => {
    const stream = await regenerate();
    stream.piece('Half');
    await b.shows(lastReply(page), 'Half');
    await page.reload();
    await b.shows(lastReply(page), 'The first letter.');
    await eventually(() => kept().length === 1, 'the new thread is still there');
    assert.equal(kept()[0][0], 'alpha');
    await t.isListed('About alpha');
    assert.equal(await replies(page).count(), 1);
  });

  test('is swept up when the page comes up again, should it not be when it goes', async () => {
    const stream = await regenerate();
    stream.piece('Half');
    await b.shows(lastReply(page), 'Half');
    stack.gateway.refuseThreads(/^DELETE/, 500);
    await page.reload();
    await b.shows(lastReply(page), 'The first letter.');
    await eventually(() => kept().length === 1, 'the new thread is still there');
    assert.equal(kept()[0][0], 'alpha');
  });

  test('is not in the list before it has ended', async () => {
    const stream = await regenerate();
    stream.piece('Half');
    await b.shows(lastReply(page), 'Half');
    const lists = () => stack.gateway.threadCalls.filter((call) => call.startsWith('GET /v1/threads?')).length;
    const before = lists();
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await eventually(() => lists() > before, 'the list is not asked for');
    await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
    assert.equal((await t.titles()).length, 1);
    stream.finish();
    await t.isListed('What is alpha?');
  });

  for (const [what, leave] of [
    ['the tab is closed', () => page.close({ runBeforeUnload: true })],
    ['somebody goes to another site', () => page.goto('about:blank')],
  ]) {
    test(`is swept up when ${what} in the middle`, async () => {
      const stream = await regenerate();
      stream.piece('Half');
      await b.shows(lastReply(page), 'Half');
      assert.equal(kept().length, 2);
      await leave();
      await eventually(() => kept().length === 1, 'the new thread is still there');
      assert.equal(kept()[0][0], 'alpha');
    });
  }

  test('that ends while another thread is looked at leaves that one on view', async () => {
    await ask('And then?', 'Beta.');
    await button(page, 'New chat').click();
    await ask('Something else', 'Indeed.');
    const here = t.path();
    await t.links().filter({ hasText: 'About alpha' }).click();
    await b.shows(lastReply(page), 'Beta.');
    const stream = await regenerate();
    stream.piece('Gam');
    await b.shows(lastReply(page), 'Gam');
    await t.links().filter({ hasText: 'Something else' }).click();
    await b.shows(lastReply(page), 'Indeed.');
    await messageBox(page).fill('Half a tho');
    stream.piece('ma.');
    stream.finish();
    await eventually(() => kept().every(([id]) => id !== 'alpha'), 'the old thread is still there');
    assert.equal(t.path(), here);
    assert.deepEqual(await prompts(page).allInnerTexts(), ['Something else']);
    assert.equal(await replies(page).filter({ hasText: 'Gamma' }).count(), 0);
    assert.equal(await messageBox(page).inputValue(), 'Half a tho');
    await t.links().filter({ hasNotText: 'Something else' }).click();
    await b.shows(lastReply(page), 'Gamma.');
    assert.deepEqual(await prompts(page).allInnerTexts(), ['What is alpha?', 'And then?']);
    assert.equal(await messageBox(page).inputValue(), '');
  });

  test('does not move the view of whoever has scrolled away', async () => {
    stack.gateway.answer('A long line of words.\n\n'.repeat(60));
    await b.send(page, 'A long one');
    await b.settled(page);
    const stream = await regenerate();
    stream.piece('New. ');
    await b.shows(lastReply(page), 'New.');
    const log = page.getByRole('log', { name: 'Conversation' });
    await log.hover();
    await page.mouse.wheel(0, -600);
    await button(page, 'Jump to latest').waitFor();
    const before = await b.atRest(page, log);
    stream.piece('A long line of words.\n\n'.repeat(80));
    stream.finish();
    await eventually(async () => (await replies(page).count()) === 2);
    const after = await b.atRest(page, log);
    assert.ok(Math.abs(after - before) < 2, `${before} became ${after}`);
  });
});

describe('Edit', () => {
  test('asks the changed question in place of the old one, and drops what came after it', async () => {
    await ask('And beta?', 'The second letter.');
    await ask('And gamma?', 'The third letter.');
    const stream = await edit(1, 'And delta?');
    assert.deepEqual(stack.gateway.completions.at(-1).body.messages, [
      says('user', 'What is alpha?'), says('assistant', 'The first letter.'), says('user', 'And delta?'),
    ]);
    stream.piece('The fourth letter.');
    await b.shows(lastReply(page), 'The fourth letter.');
    assert.equal(await replies(page).count(), 4);
    await b.shows(replies(page).nth(2), 'The third letter.');
    stream.finish();
    await eventually(async () => (await replies(page).count()) === 2);
    assert.deepEqual(await prompts(page).allInnerTexts(), ['What is alpha?', 'And delta?']);
    assert.equal(t.path(), `/c/${threadSent()}`);
    await eventually(() => kept().length === 1);
    assert.deepEqual(kept(), [[threadSent(), ['What is alpha?', 'The first letter.', 'And delta?', 'The fourth letter.']]]);
    await page.reload();
    await b.shows(lastReply(page), 'The fourth letter.');
    assert.deepEqual(await prompts(page).allInnerTexts(), ['What is alpha?', 'And delta?']);
  });

  test('can be left with Esc, and the focus comes back', async () => {
    await prompts(page).first().getByRole('button', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type(' Or beta?');
    await page.keyboard.press('Escape');
    await b.shows(prompts(page), 'What is alpha?');
    assert.doesNotMatch(await prompts(page).innerText(), /Or beta/);
    assert.equal(await b.focusedName(page), 'Edit');
    assert.equal(stack.gateway.completions.length, 0);
  });

  test('of nothing but blanks is not sent', async () => {
    await prompts(page).first().getByRole('button', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Edited message' }).fill('  ');
    assert.ok(await button(page, 'Send again').isDisabled());
    await page.keyboard.press('Enter');
    await b.frames(page, 2);
    assert.match(await page.getByRole('textbox', { name: 'Edited message' }).inputValue(), /^\s+$/);
    assert.equal(stack.gateway.completions.length, 0);
  });

  test('that is stopped before anything came leaves the words as a draft', async () => {
    const stream = await edit(0, 'What is omega?');
    await button(page, 'Stop').click();
    await stream.closed();
    assert.equal(await messageBox(page).inputValue(), 'What is omega?');
    assert.deepEqual(await prompts(page).allInnerTexts(), ['What is alpha?']);
    await eventually(() => kept().length === 1);
  });
});

test('where the gateway keeps no threads both work as well', async () => {
  stack.gateway.keepsThreads = false;
  const other = await b.openPage(browser);
  await b.signUp(other, stack.url);
  for (const [question, answer] of [['One?', 'First.'], ['Two?', 'Second.']]) {
    stack.gateway.answer(answer);
    await b.send(other, question);
    await b.settled(other);
  }
  stack.gateway.answer('Second again.');
  await button(other, 'Regenerate').click();
  await b.shows(lastReply(other), 'Second again.');
  await eventually(async () => (await replies(other).count()) === 2);
  assert.deepEqual(stack.gateway.completions.at(-1).body.messages.map(({ content }) => content), ['One?', 'First.', 'Two?']);
  assert.equal(t.path(other), '/');
  assert.deepEqual(other.requests.filter((request) => request.method() === 'DELETE'), []);
  await other.reload();
  await b.shows(lastReply(other), 'Second again.');
  assert.equal(await replies(other).count(), 2);
  await other.context().close();
});
