// Drafts: what is typed is not lost.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as b from './browser.mjs';
import { around, ask, begin, page, stack } from './fixture.mjs';

around();

const { messageBox, button, prompts, replies, lastReply } = b;

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
  assert.doesNotMatch(await b.stored(page), /draft:|new-draft/);
  await page.reload();
  await b.shows(lastReply(page), 'Yes.');
  assert.equal(await messageBox(page).inputValue(), '');
  await ask('More', 'No.');
  await page.reload();
  await b.shows(lastReply(page), 'No.');
  assert.equal(await messageBox(page).inputValue(), '');
});
