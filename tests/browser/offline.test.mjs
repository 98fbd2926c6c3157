// A device without a connection: it is said, nothing is lost, and nothing is tried in vain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as axe from './axe.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack } from './fixture.mjs';

const { button, lastReply, messageBox, prompts } = b;
around();

const requests = () => page.requests.filter((request) => request.url().endsWith('/v1/chat/completions') && request.method() === 'POST');
const isSaid = (text) => eventually(async () => (await page.getByRole('status').innerText()) === text, `not said: ${text}`);

test('the composer says so, and when it is over', async () => {
  await b.signUp(page, stack.url);
  await page.context().setOffline(true);
  await b.shows(page.locator('form'), 'You are offline.');
  await isSaid('You are offline');
  await axe.isClean(page, 'offline');
  await page.context().setOffline(false);
  await isSaid('You are online again');
  assert.doesNotMatch(await page.locator('form').innerText(), /offline/);
});

for (const [when, isFirst] of [['before the first token', true], ['with a token', false]]) {
  test(`${when} a message fails at once and is a draft again; Retry sends it later`, async () => {
    await b.signUp(page, stack.url);
    if (!isFirst) await ask('Hello', 'Welcome.');
    const before = requests().length;
    await page.context().setOffline(true);
    await b.send(page, 'My question');
    assert.equal(await b.settled(page), 'failed');
    await b.shows(lastReply(page), 'This device is offline. Connect it, then try again.');
    assert.equal(await messageBox(page).inputValue(), 'My question');
    assert.ok(requests().length <= before + 1);
    assert.equal(page.requests.filter((request) => request.url().includes('checkGateway')).length, 0);
    await page.context().setOffline(false);
    stack.gateway.answer('Here it is.');
    await button(page, 'Retry').click();
    assert.equal(await b.settled(page), 'whole');
    assert.equal(await messageBox(page).inputValue(), '');
    assert.equal(await prompts(page).count(), isFirst ? 1 : 2);
  });
}
