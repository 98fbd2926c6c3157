// Every state of the page on a screen of 320 px: nothing is wider than that, and axe-core finds nothing.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as axe from './axe.mjs';
import * as b from './browser.mjs';
import { fits } from './fits.mjs';
import { around, ask, begin, page, reopen, stack } from './fixture.mjs';
import { startScriptedStack } from './stack.mjs';
import * as t from './threads.mjs';

const EXAMPLES = `Who are you?|${'unbroken'.repeat(12)}|And what can be asked here, all in all?`;
around({ start: () => startScriptedStack({ env: { CHAT_UPGRADE_URL: 'https://upgrade.example/plans', CHAT_EXAMPLES: EXAMPLES } }) });

const { messageBox, emailBox, button, lastReply, prompts } = b;
const LONG_NAME = `${'w'.repeat(60)}@${'example'.repeat(6)}.org`;
const WORD = 'unbroken'.repeat(40);
const REPLY = [
  `https://example.org/${WORD}`,
  `\`\`\`js\n${'const code = "long"; '.repeat(12)}\n\`\`\``,
  `| ${'wide | '.repeat(20)}\n|${'---|'.repeat(20)}\n| ${'cell | '.repeat(20)}`,
  `| name |\n|---|\n| \`${WORD}\` |`,
  `\`${WORD}\` **${WORD}**`,
  `# ${WORD}`,
  `- ${WORD}\n  - ${WORD}\n    - ${WORD}\n      - deep\n        - deeper\n          - ${WORD}`,
  `> > ${WORD}`,
  `[${WORD}](https://example.org/) ![${WORD}](https://example.org/a.png)`,
].join('\n\n');
const LONG = { id: 'long', title: WORD, messages: [['user', WORD], ['assistant', REPLY]] };

for (const colorScheme of ['light', 'dark']) {
  const isFine = async (state) => {
    await fits(page, state);
    await axe.isClean(page, state);
  };
  const isGone = (role) => eventually(async () => (await page.getByRole(role).count()) === 0);

  describe(`at 320 px, ${colorScheme}`, () => {
    beforeEach(() => reopen({ colorScheme, viewport: { width: 320, height: 640 } }));

    test('before signing in', async () => {
      await page.route('**/_system.session.init', (route) => route.abort('connectionrefused'));
      await page.goto(stack.url);
      await b.shows(page.getByRole('alert'), 'cannot be reached');
      await isFine('no answer');
      await page.unroute('**/_system.session.init');
      await button(page, 'Retry').click();
      await emailBox(page).waitFor();
      await isFine('sign-in');
      await b.signIn(page, LONG_NAME, 'not the password');
      await eventually(async () => await page.getByRole('alert').innerText());
      await isFine('sign-in refused');
      await page.getByRole('link', { name: 'Create account' }).click();
      await page.getByRole('heading', { name: 'Create account' }).waitFor();
      await isFine('sign-up');
      await button(page, 'Create account').click();
      await eventually(async () => await page.getByRole('alert').innerText());
      await isFine('sign-up refused');
    });

    test('a reply in all its states', async () => {
      await b.signUp(page, stack.url, `${colorScheme}${LONG_NAME}`);
      await isFine('empty');
      await messageBox(page).fill(`${WORD}\n`.repeat(30));
      await isFine('a long draft');
      const stream = await begin(WORD);
      await isFine('waiting');
      stream.piece(REPLY);
      await b.shows(lastReply(page), 'deeper');
      await isFine('streaming');
      stream.finish();
      await b.settled(page);
      await isFine('answered');
      await page.getByRole('log').evaluate((element) => element.scrollTo(0, 0));
      await button(page, 'Jump to latest').waitFor();
      await page.locator('pre code').scrollIntoViewIfNeeded();
      await eventually(async () => (await page.locator('pre code span').count()) > 2, 'no colours');
      await isFine('scrolled away');
      const second = await begin('More');
      second.piece('Some');
      await b.shows(lastReply(page), 'Some');
      await button(page, 'Stop').click();
      await b.settled(page);
      await isFine('stopped');
      const third = await begin('More');
      third.piece('Some');
      await b.shows(lastReply(page), 'Some');
      third.cut();
      await b.settled(page);
      await isFine('cut off');
    });

    test('what is refused', async () => {
      await b.signUp(page, stack.url);
      stack.gateway.refuse(500, { message: WORD, times: 3 });
      await b.send(page, 'More');
      await lastReply(page).getByText(/Trying again/).waitFor();
      await isFine('trying again');
      await b.settled(page);
      await isFine('failed');
      stack.gateway.refuse(429, { message: 'Slow down', headers: { 'Retry-After': '60' } });
      await b.send(page, 'More');
      await button(page, 'Cancel').waitFor();
      await isFine('countdown');
      await button(page, 'Cancel').click();
      const details = { tier: 1, limit: 50_000_000_000, used: 50_123_456_789, kind: 'tokens_per_day', resets_at: '2026-11-24T00:00:00Z' };
      stack.gateway.refuse(402, { message: 'What this account may use in a day is used up.', details });
      await b.send(page, 'More');
      await page.getByRole('link', { name: 'Upgrade' }).waitFor();
      await isFine('upgrade prompt');
      stack.gateway.allowedOrigins = [];
      await b.send(page, 'More');
      await b.shows(lastReply(page).locator('details'), 'GATEWAY_ALLOWED_ORIGINS');
      await isFine('CORS help');
      // The browser tells of what it has blocked; here it is to.
      page.problems.length = 0;
    });

    test('what lies over the chat', async () => {
      stack.gateway.keepsThreads = true;
      stack.gateway.usage = { tokens: 12_345_678_901, requests: 12_345_678 };
      await b.signUp(page, stack.url);
      await t.seed([LONG, t.ALPHA], { apart: 40 * 3_600_000 });
      await ask('Hello', 'Hi.');
      await button(page, 'Usage').click();
      await b.shows(page.locator('.usage-panel'), '12,345,678');
      await isFine('usage');
      stack.gateway.usage = 500;
      await button(page, 'Usage').click();
      await button(page, 'Usage').click();
      await b.shows(page.locator('.usage-panel'), 'out of date');
      await isFine('usage out of date');
      await page.keyboard.press('Escape');
      await button(page, 'Show conversations').click();
      await page.getByRole('dialog', { name: 'Conversations' }).waitFor();
      await isFine('drawer');
      await t.nav().getByRole('button', { name: 'Delete conversation' }).nth(1).click();
      await page.getByRole('alertdialog').waitFor();
      await isFine('delete dialog');
      stack.gateway.refuseThreads(/^DELETE/, 500);
      await button(page, 'Delete').click();
      await b.shows(page.getByRole('alertdialog').getByRole('alert'), 'still there');
      await isFine('not deleted');
      await button(page, 'Cancel').click();
      await isGone('alertdialog');
      await button(page, 'Find conversation').click();
      await page.getByRole('option').first().waitFor();
      await isFine('finder');
      await page.keyboard.type(WORD.repeat(2));
      await b.shows(page.getByRole('dialog'), 'No title has these words.');
      await isFine('nothing found');
      await page.keyboard.press('Escape');
      await isGone('dialog');
      await page.route('**/_system.user.logout', (route) => route.abort('connectionrefused'));
      await button(page, 'Sign out').click();
      await b.shows(page.getByRole('alert'), 'still signed in');
      await isFine('not signed out');
    });

    test('a conversation that was before', async () => {
      stack.gateway.keepsThreads = true;
      await b.signUp(page, stack.url);
      await t.seed([LONG, t.ALPHA]);
      const release = stack.gateway.holdThreads(/long\/messages$/);
      await page.goto(`${stack.url}/c/long`);
      await b.shows(page.getByRole('log'), 'Loading the conversation');
      await isFine('loading');
      release();
      await b.shows(lastReply(page), 'deeper');
      await isFine('loaded');
      await prompts(page).first().getByRole('button', { name: 'Edit' }).click();
      await isFine('editing');
      const held = stack.gateway.hold();
      await page.getByRole('textbox', { name: 'Edited message' }).fill(`${WORD} changed`);
      await button(page, 'Send again').click();
      const stream = await held;
      stream.piece(REPLY);
      await b.shows(lastReply(page), 'deeper');
      await isFine('new version');
      stream.end();
      await button(page, 'Dismiss').waitFor();
      await isFine('new version failed');
      stack.gateway.refuseThreads(/alpha\/messages$/, 500);
      await page.goto(`${stack.url}/c/alpha`);
      await b.shows(page.getByRole('log').getByRole('alert'), 'could not be loaded');
      await isFine('not loaded');
      await page.goto(`${stack.url}/c/nowhere`);
      await page.getByRole('heading', { name: 'Conversation not found' }).waitFor();
      await isFine('not found');
      stack.gateway.refuseThreads(/^GET \/v1\/threads$/, 500);
      await page.reload();
      await button(page, 'Show conversations').click();
      await b.shows(t.nav(), 'could not be loaded');
      await isFine('list not loaded');
    });
  });
}
