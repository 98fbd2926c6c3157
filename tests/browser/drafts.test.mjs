// Drafts, and what is left in the browser for the next person.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as b from './browser.mjs';
import { around, ask, begin, page, stack, streaming } from './fixture.mjs';

around();

const { messageBox, button, prompts, replies, lastReply, emailBox } = b;

describe('a failed send', () => {
  test('puts the draft back; sending it again replaces what failed', async () => {
    await b.signUp(page, stack.url);
    stack.gateway.refuse(500, { times: 3 });
    await b.send(page, 'Precious words');
    await b.settled(page);
    assert.equal(await messageBox(page).inputValue(), 'Precious words');
    await page.reload();
    await messageBox(page).waitFor();
    assert.equal(await messageBox(page).inputValue(), 'Precious words');
    stack.gateway.answer('Got them.');
    await messageBox(page).press('Enter');
    assert.equal(await b.settled(page), 'whole');
    assert.equal(await prompts(page).count(), 1);
    assert.equal(await replies(page).count(), 1);
  });

  test('does not overwrite what was typed since', async () => {
    await b.signUp(page, stack.url);
    const stream = await begin('Precious words');
    await messageBox(page).fill('Something else');
    stream.refuse(422, 'No', undefined, {});
    assert.equal(await b.settled(page), 'failed');
    assert.equal(await messageBox(page).inputValue(), 'Something else');
    await b.shows(prompts(page), 'Precious words');
    stack.gateway.answer('Here.');
    await button(page, 'Retry').click();
    assert.equal(await b.settled(page), 'whole');
    assert.equal(await messageBox(page).inputValue(), 'Something else');
    assert.equal(stack.gateway.completions.at(-1).body.messages.at(-1).content, 'Precious words');
  });
});

test('a draft outlives a reload, and a sent one is gone', async () => {
  await b.signUp(page, stack.url);
  await messageBox(page).fill('Half a tho');
  await page.reload();
  await messageBox(page).waitFor();
  assert.equal(await messageBox(page).inputValue(), 'Half a tho');
  stack.gateway.answer('Yes.');
  await messageBox(page).press('Enter');
  await b.settled(page);
  assert.equal(await messageBox(page).inputValue(), '');
  await page.reload();
  await b.shows(lastReply(page), 'Yes.');
  assert.equal(await messageBox(page).inputValue(), '');
});

describe('two people at one browser', () => {
  test('sign-out leaves nothing of the first', async () => {
    const ada = await b.signUp(page, stack.url);
    await ask('The zebra question', 'The zebra answer.');
    await messageBox(page).fill('The zebra draft');
    assert.match(await b.stored(page), /zebra question.*zebra answer|zebra answer.*zebra question/s);
    await button(page, 'Sign out').click();
    await emailBox(page).waitFor();
    assert.doesNotMatch(await b.stored(page), /zebra/);
    assert.doesNotMatch(await page.content(), /zebra/);
    await page.goto(`${stack.url}/`);
    await emailBox(page).waitFor();
    assert.doesNotMatch(await page.content(), /zebra/);
    await b.signUp(page, stack.url);
    assert.equal(await messageBox(page).inputValue(), '');
    assert.equal(await prompts(page).count(), 0);
    await ask('Hello', 'Hello.');
    const [first, second] = stack.gateway.completions;
    assert.notEqual(first.claims.uid, second.claims.uid);
    assert.notEqual(first.headers['x-thread-id'], second.headers['x-thread-id']);
    assert.notEqual(first.headers['x-session-id'], second.headers['x-session-id']);
    assert.deepEqual(second.body.messages, [{ role: 'user', content: 'Hello' }]);
    await button(page, 'Sign out').click();
    await b.signIn(page, ada);
    await messageBox(page).waitFor();
    assert.equal(await prompts(page).count(), 0);
  });

  test('what the first left without signing out is removed when the second comes', async () => {
    await b.signUp(page, stack.url);
    await messageBox(page).fill('The zebra draft');
    await page.context().clearCookies();
    await b.signUp(page, stack.url);
    assert.equal(await messageBox(page).inputValue(), '');
    assert.doesNotMatch(await b.stored(page), /zebra/);
  });

  test('signing out in mid-stream stops the stream', async () => {
    await b.signUp(page, stack.url);
    const stream = await streaming('The zebra question', 'The zebra answer');
    await button(page, 'Sign out').click();
    await stream.closed();
    await emailBox(page).waitFor();
    assert.doesNotMatch(await b.stored(page), /zebra/);
  });

  test('another tab follows', async () => {
    await b.signUp(page, stack.url);
    await messageBox(page).fill('The zebra draft');
    const other = await page.context().newPage();
    await other.goto(stack.url);
    await messageBox(other).waitFor();
    await button(other, 'Sign out').click();
    await emailBox(page).waitFor();
    assert.doesNotMatch(await page.content(), /zebra/);
    assert.doesNotMatch(await b.stored(page), /zebra/);
  });
});
