// How the page comes up: below a mount point, with sign-up closed, without an answer; and how it keeps the session.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { around, ask, page, stack, startStack } from './fixture.mjs';
import * as t from './threads.mjs';

around({ start: null });

const { emailBox, messageBox, button, lastReply } = b;

test('below a mount point everything stays below it', async () => {
  await startStack({ mount: '/deep/chat' });
  await page.goto(`${stack.url}/`);
  await emailBox(page).waitFor();
  assert.equal(new URL(page.url()).pathname, '/deep/chat/signin');
  await page.getByRole('link', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Create account' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/deep/chat/signup');
  await page.goBack();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goForward();
  await page.getByRole('heading', { name: 'Create account' }).waitFor();
  await b.signUp(page, stack.url);
  assert.equal(new URL(page.url()).pathname, '/deep/chat/');
  await ask('Hello', 'Hello from below.');
  await page.reload();
  await b.shows(lastReply(page), 'Hello from below.');
  const strays = page.requests.map((request) => request.url()).filter((url) => url.startsWith(new URL(stack.url).origin) && !url.startsWith(`${stack.url}/`));
  assert.deepEqual(strays, []);
});

test('the questions that the operator has set are offered, and asked with one click', async () => {
  await startStack({ env: { CHAT_EXAMPLES: 'Who are you?| <b>Bold</b>? ' } });
  await b.signUp(page, stack.url);
  assert.deepEqual(await page.getByRole('list').getByRole('button').allInnerTexts(), ['Who are you?', '<b>Bold</b>?']);
  stack.gateway.answer('Nobody.');
  await button(page, 'Who are you?').click();
  assert.equal(await b.settled(page), 'whole');
  assert.equal(await b.prompts(page).innerText(), 'Who are you?');
  assert.equal(stack.gateway.completions[0].body.messages[0].content, 'Who are you?');
});

test('without any there are none', async () => {
  await startStack();
  await b.signUp(page, stack.url);
  assert.equal(await page.getByRole('log').getByRole('button').count(), 0);
});

test('below a mount point conversations have their addresses there too', async () => {
  await startStack({ mount: '/deep/chat' });
  stack.gateway.keepsThreads = true;
  const email = await b.signUp(page, stack.url);
  await t.nav().waitFor();
  await ask('Hello', 'Hello from below.');
  const address = new URL(page.url()).pathname;
  assert.match(address, /^\/deep\/chat\/c\/[0-9a-f-]{36}$/);
  await button(page, 'New chat').click();
  assert.equal(new URL(page.url()).pathname, '/deep/chat/');
  await page.goBack();
  await b.shows(lastReply(page), 'Hello from below.');
  await page.reload();
  await b.shows(lastReply(page), 'Hello from below.');
  await button(page, 'Sign out').click();
  await emailBox(page).waitFor();
  assert.equal(new URL(page.url()).pathname, '/deep/chat/signin');
  await page.goto(new URL(address, stack.url).href);
  await emailBox(page).waitFor();
  await b.signIn(page, email);
  await b.shows(lastReply(page), 'Hello from below.');
  assert.equal(new URL(page.url()).pathname, address);
});

test('with sign-up closed nothing leads there', async () => {
  await startStack({ env: { CHAT_SIGNUP: 'closed' } });
  await page.goto(`${stack.url}/signup`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/signin');
  assert.equal(await page.getByRole('link', { name: 'Create account' }).count(), 0);
});

test('who is signed in comes to the chat from everywhere, who is not to the form', async () => {
  await startStack();
  await page.goto(`${stack.url}/`);
  await emailBox(page).waitFor();
  assert.equal(new URL(page.url()).pathname, '/signin');
  await b.signUp(page, stack.url);
  for (const path of ['/signin', '/signup', '/']) {
    await page.goto(`${stack.url}${path}`);
    await messageBox(page).waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
  }
});

test('a server that does not answer is said so, with a way to try again', async () => {
  await startStack();
  await page.route('**/_system.session.init', (route) => route.abort('connectionrefused'));
  await page.goto(`${stack.url}/`);
  await b.shows(page.getByRole('alert'), 'cannot be reached');
  await page.unroute('**/_system.session.init');
  await button(page, 'Retry').click();
  await emailBox(page).waitFor();
});

test('the session is kept alive while the page is open, and its end is noticed', async () => {
  await startStack();
  await page.clock.install();
  const email = await b.signUp(page, stack.url);
  const beats = () => page.requests.filter((request) => request.url().endsWith('_system.session.heartbeat')).length;
  assert.equal(beats(), 0);
  await page.clock.runFor(31_000);
  await eventually(() => beats() === 1, 'no heartbeat');
  await page.clock.runFor(60_000);
  await eventually(() => beats() === 3, 'no further heartbeat');
  await messageBox(page).fill('Half a tho');
  await page.route('**/_system.session.heartbeat', (route) => route.fulfill({ status: 401, contentType: 'text/plain', body: 'Not signed in' }));
  await page.clock.runFor(31_000);
  await emailBox(page).waitFor();
  await b.shows(page.getByRole('alert').first(), 'Your session has ended');
  await b.signIn(page, email);
  await messageBox(page).waitFor();
  assert.equal(await messageBox(page).inputValue(), 'Half a tho');
});
