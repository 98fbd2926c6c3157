// What happens to the token, and when the gateway or the mint refuses.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack } from './fixture.mjs';
import { startScriptedStack } from './stack.mjs';

let email;
around({
  start: () => startScriptedStack({ env: { CHAT_UPGRADE_URL: 'https://upgrade.example/plans' } }),
  onePage: true,
  prepare: async () => {
    email = await b.signUp(page, stack.url);
  },
});
afterEach(async () => {
  await page.goto(stack.url);
  await eventually(async () => (await b.messageBox(page).count()) || (await b.emailBox(page).count()));
  if (await b.emailBox(page).count()) await b.signIn(page, email);
  await b.messageBox(page).fill('');
  await b.button(page, 'New chat').click();
});

const { messageBox, button, prompts, lastReply, emailBox } = b;

describe('the token', () => {
  test('lives in memory only', async () => {
    await ask('One', 'Yes.');
    const token = stack.gateway.completions[0].headers.authorization.split(' ')[1];
    const kept = await b.stored(page);
    assert.ok(kept.includes('Yes.'), 'the transcript is there to be looked at');
    assert.ok(!kept.includes(token));
    assert.ok(!kept.includes(token.split('.')[2]));
    const readable = await page.evaluate(() => document.cookie);
    assert.equal(readable, '');
  });

  test('is reused while it is fresh', async () => {
    await ask('One', 'Yes.');
    stack.gateway.mints.length = 0;
    await ask('Two', 'Yes.');
    await ask('Three', 'Yes.');
    assert.equal(stack.gateway.mints.length, 0);
  });

  test('is minted again when it has a minute or less left, for the same session', async () => {
    stack.gateway.ttl = 60;
    await ask('One', 'Yes.');
    await ask('Two', 'Yes.');
    // The second message asks about threads too; both of its requests may share a mint, never more than that.
    assert.ok(stack.gateway.mints.length >= 2 && stack.gateway.mints.length <= 3, `${stack.gateway.mints.length} mints`);
    const [one, two] = stack.gateway.completions;
    assert.notEqual(one.headers.authorization, two.headers.authorization);
    assert.equal(one.headers['x-session-id'], two.headers['x-session-id']);
    assert.equal(two.claims.sid, one.claims.sid);
  });

  test('belongs to the person who is signed in', async () => {
    const response = page.waitForResponse((answer) => answer.url().endsWith('_system.session.init'));
    await page.reload();
    const { user } = (await (await response).json()).data;
    await messageBox(page).waitFor();
    await ask('One', 'Yes.');
    assert.equal(stack.gateway.completions[0].claims.uid, user.id);
    assert.equal(stack.gateway.mints[0].user_id, user.id);
  });

  test('may name the person as the gateway likes', async () => {
    stack.gateway.claims = { uid: 'tenant-7/person-12' };
    await page.reload();
    await ask('One', 'Yes.');
    assert.equal(stack.gateway.completions[0].claims.uid, 'tenant-7/person-12');
  });

  test('keeps its session over a reload', async () => {
    await ask('One', 'Yes.');
    await page.reload();
    await b.shows(lastReply(page), 'Yes.');
    await ask('Two', 'Yes.');
    const [one, two] = stack.gateway.completions;
    assert.equal(one.headers['x-session-id'], two.headers['x-session-id']);
    assert.equal(one.headers['x-thread-id'], two.headers['x-thread-id']);
  });
});

describe('401', () => {
  test('once: one new mint and one repetition, unnoticed', async () => {
    await ask('One', 'Yes.');
    stack.gateway.revokeTokens();
    await button(page, 'New chat').click();
    stack.gateway.refuse(401);
    await ask('Two', 'Of course.');
    await b.shows(lastReply(page), 'Of course.');
    assert.equal(await prompts(page).count(), 1);
    const repeated = stack.gateway.completions.slice(1);
    assert.equal(repeated.length, 2);
    assert.notEqual(repeated[0].headers.authorization, repeated[1].headers.authorization);
    assert.equal(repeated[0].headers['x-session-id'], repeated[1].headers['x-session-id']);
  });

  test('twice: to the sign-in form with the reason, the draft kept', async () => {
    stack.gateway.refuse(401, { message: 'The token has expired' });
    stack.gateway.refuse(401, { message: 'The token has expired' });
    await b.send(page, 'Do not lose me');
    await emailBox(page).waitFor();
    assert.equal(new URL(page.url()).pathname, '/signin');
    await b.shows(page.getByRole('alert').first(), 'The token has expired');
    assert.equal(stack.gateway.completions.length, 2);
    await b.signIn(page, email);
    await messageBox(page).waitFor();
    assert.equal(await messageBox(page).inputValue(), 'Do not lose me');
    assert.equal(await prompts(page).count(), 0);
    stack.gateway.answer('Here you are.');
    await messageBox(page).press('Enter');
    await b.settled(page);
    await b.shows(lastReply(page), 'Here you are.');
  });

  test('from the mint: to the sign-in form, the draft kept', async () => {
    await page.context().clearCookies();
    await b.send(page, 'Do not lose me either');
    await emailBox(page).waitFor();
    await b.shows(page.getByRole('alert').first(), 'Sign in again');
    assert.equal(stack.gateway.completions.length, 0);
    await b.signIn(page, email);
    await messageBox(page).waitFor();
    assert.equal(await messageBox(page).inputValue(), 'Do not lose me either');
  });
});

test('403: signed out, with the reason, and nothing left behind', async () => {
  stack.gateway.refuse(403, { message: 'This account is suspended' });
  await b.send(page, 'Let me in');
  await emailBox(page).waitFor();
  await b.shows(page.getByRole('alert').first(), 'This account is suspended');
  assert.equal((await b.stored(page)).includes('Let me in'), false);
  await page.reload();
  await emailBox(page).waitFor();
});

describe('other refusals keep the draft and say what is the matter', () => {
  const table = [
    ['402', () => stack.gateway.refuse(402, { message: 'The daily limit is reached' }), 'The daily limit is reached', false],
    ['422', () => stack.gateway.refuse(422, { message: 'Too long' }), 'Too long', true],
    ['429 for long', () => stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '7200' } }), 'in 120 minutes', true],
    ['500', () => stack.gateway.refuse(500, { message: 'It broke', times: 3 }), 'It broke', true],
  ];
  for (const [name, refuse, message, hasRetry] of table) {
    test(name, async () => {
      refuse();
      await b.send(page, 'My question');
      assert.equal(await b.settled(page), 'failed');
      await b.shows(lastReply(page), message);
      assert.equal(await messageBox(page).inputValue(), 'My question');
      assert.equal(await button(page, 'Retry').count(), hasRetry ? 1 : 0);
      if (!hasRetry) return;
      stack.gateway.answer('Now it works.');
      await button(page, 'Retry').click();
      assert.equal(await b.settled(page), 'whole');
      await b.shows(lastReply(page), 'Now it works.');
      assert.equal(await prompts(page).count(), 1);
      assert.equal(await messageBox(page).inputValue(), '');
    });
  }

  test('a gateway that is not there', async () => {
    await page.route(`${stack.gateway.url}/**`, (route) => route.abort('connectionrefused'));
    await b.send(page, 'My question');
    assert.equal(await b.settled(page), 'failed');
    await b.shows(lastReply(page), 'cannot reach it');
    assert.equal(await messageBox(page).inputValue(), 'My question');
    await page.unroute(`${stack.gateway.url}/**`);
  });

  test('a mint that fails', async () => {
    stack.gateway.ttl = 60;
    const listed = page.waitForResponse((response) => response.url().includes('/v1/threads') && response.request().method() === 'GET');
    await page.reload();
    await messageBox(page).waitFor();
    await listed;
    stack.gateway.refuseMint(500, 3);
    await b.send(page, 'My question');
    assert.equal(await b.settled(page), 'failed');
    assert.equal(await messageBox(page).inputValue(), 'My question');
    stack.gateway.answer('Now it works.');
    await messageBox(page).press('Enter');
    assert.equal(await b.settled(page), 'whole');
    assert.equal(await prompts(page).count(), 1);
  });
});
