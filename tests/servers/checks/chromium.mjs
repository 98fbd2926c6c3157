// The journey as people make it: Chromium, the page, and a streamed reply.
import assert from 'node:assert/strict';
import * as b from '../../browser/browser.mjs';
import { within } from '../../lib/program.mjs';
import { replies } from '../../lib/scripted-upstream.mjs';

function launch(site) {
  const hosts = [site.origin, site.gateway].filter(Boolean).map((url) => `MAP ${new URL(url).hostname} ${site.connect}`);
  return b.launch({ args: [`--host-resolver-rules=${[...new Set(hosts)].join(',')}`, `--ignore-certificate-errors-spki-list=${site.spki}`] });
}

async function answersWordForWord(page, upstream) {
  const begun = new Promise((resolve) => upstream.next.push(replies.byHand(resolve)));
  await b.send(page, 'Is anybody there?');
  const hands = await within(begun, 'the question did not reach the model');
  hands.piece('Word for ');
  await b.shows(b.lastReply(page), 'Word for');
  hands.piece('word.');
  hands.done();
  assert.equal(await b.settled(page), 'whole');
  await b.shows(b.lastReply(page), 'Word for word.');
}

const sessionCookies = async (page) => (await page.context().cookies()).filter(({ name }) => name === 'authToken');

export const chromium = {
  async 'sign-up, a streamed reply, sign-out, sign-in'({ site, upstream, what, see }) {
    const browser = await launch(site);
    try {
      const page = await b.openPage(browser);
      const email = await b.signUp(page, site.chat);
      if (what.gateway) await answersWordForWord(page, upstream);
      const [address, conversation] = page.url().split('/c/');
      assert.equal(address, what.gateway ? site.chat : `${site.chat}/`);
      assert.equal(conversation !== undefined, Boolean(what.gateway));

      await b.button(page, 'Sign out').click();
      await b.emailBox(page).waitFor();
      assert.deepEqual(await sessionCookies(page), []);
      await b.signIn(page, email);
      await b.messageBox(page).waitFor();
      const [cookie] = await sessionCookies(page);
      assert.equal(cookie.path, new URL(`${site.chat}/`).pathname);
      assert.ok(cookie.secure && cookie.httpOnly);
      assert.deepEqual(page.problems, []);
    } finally {
      await browser.close();
    }
    see('chromium', 'yes');
  },
};
