// Takes the pictures of the page for the documents: node tests/browser/pictures.mjs [STATE...]
// Each state in light and dark, wide and narrow, as doc/pictures/STATE-WIDTH-SCHEME.webp. Needs the built programs and page.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '../lib/program.mjs';
import * as b from './browser.mjs';
import { startScriptedStack } from './stack.mjs';
import { links } from './threads.mjs';

const FOLDER = fileURLToPath(new URL('../../doc/pictures/', import.meta.url));
const SIZES = {
  wide: { viewport: { width: 1120, height: 760 }, deviceScaleFactor: 1 },
  narrow: { viewport: { width: 390, height: 760 }, deviceScaleFactor: 1.5, hasTouch: true, isMobile: true },
};
const SCHEMES = ['light', 'dark'];
const QUALITY = 80;

const MARKDOWN = `A **token bucket** lets bursts through and keeps the average rate:

\`\`\`python
def take(self) -> bool:
    now = monotonic()  # never runs backwards
    gained = (now - self.last) * self.rate
    self.tokens = min(self.capacity, self.tokens + gained)
    self.last = now
    if self.tokens < 1:
        return False
    self.tokens -= 1
    return True
\`\`\`

| algorithm | bursts | bytes a client |
|---|:-:|--:|
| token bucket | yes | 16 |
| sliding log | no | 8 a request |
`;
const STORY = `Rain is water that the air can no longer carry. Warm air rises, cools, and its vapour settles on specks of dust.

1. **Condensation**: droplets of a hundredth of a millimetre form a cloud.
2. **Coalescence**: they collide and grow a million times heavier.
3. **Precipitation**: once they fall faster than the air rises, it`;
const HAIKU = 'Grey waves fold, unfold,  \ncarrying the moon ashore  \nin a thousand hands.';
const EXAMPLES = 'How does a token bucket work?|Why does it rain?|Write a haiku about the sea|What is a closure in JavaScript?';

/** By the button: on a touch screen Enter sends nothing. */
async function send(page, text) {
  await b.messageBox(page).fill(text);
  await b.button(page, 'Send').click();
}

const HOUR = 3_600_000;
const THREADS = [
  ['Plan a week in Lisbon', 2], ['Why is the sky dark at night?', 5], ['Explain RAII in C++', 26], ['Names for a sailing boat', 30],
  ['Summary of the minutes of May', 80], ['Regular expression for a date', 130],
].map(([title, hours], index) => ({ id: `kept-${index}`, title, at: Date.now() - hours * HOUR,
  messages: [['user', title], ['assistant', HAIKU]] }));

async function streamSoFar(page, stack, question, text) {
  const held = stack.gateway.hold();
  await send(page, question);
  const stream = await held;
  for (const piece of text.match(/[^]{1,40}/g)) stream.piece(piece);
  await b.shows(b.lastReply(page), text.slice(-12));
  return stream;
}

async function answered(page, stack, question, text) {
  stack.gateway.answer(text);
  await send(page, question);
  await b.settled(page);
}

async function failed(page, question) {
  await send(page, question);
  await b.settled(page);
}

/** What each picture shows, from the empty chat on; `signedOut` ones begin at the sign-in form. */
const STATES = {
  'sign-in': { signedOut: true, show: async (page) => b.emailBox(page).fill('ada@example.com') },
  empty: { show: async () => {} },
  streaming: { show: (page, stack) => streamSoFar(page, stack, 'Why does it rain?', STORY) },
  markdown: {
    show: async (page, stack) => {
      await answered(page, stack, 'How does a token bucket work?', MARKDOWN);
      await eventually(async () => (await page.locator('pre code span').count()) > 5, 'the code is not highlighted');
    },
  },
  stopped: {
    show: async (page, stack) => {
      await streamSoFar(page, stack, 'Why does it rain?', STORY);
      await b.button(page, 'Stop').click();
      await b.settled(page);
    },
  },
  upgrade: {
    show: async (page, stack) => {
      await answered(page, stack, 'Write a haiku about the sea', HAIKU);
      stack.gateway.refuse(402, {
        message: 'What this account may use in a day is used up.',
        details: { tier: 1, limit: 50_000, used: 50_214, kind: 'tokens_per_day', resets_at: '2026-11-24T00:00:00.000Z' },
      });
      await failed(page, 'And one about the mountains');
    },
  },
  countdown: {
    show: async (page, stack) => {
      await answered(page, stack, 'Write a haiku about the sea', HAIKU);
      stack.gateway.refuse(429, { message: 'Too many messages within a minute', headers: { 'Retry-After': '30' } });
      await send(page, 'And one about the mountains');
      await b.button(page, 'Cancel').waitFor();
    },
  },
  cors: {
    show: async (page, stack) => {
      stack.gateway.allowedOrigins = [];
      // The addresses are those of this very run, and would be others in each picture.
      await page.route('**/behest.checkGateway', async (route) => {
        const response = await route.fetch();
        const text = (await response.text()).replaceAll(stack.url, 'https://chat.example.com').replaceAll(stack.gateway.url, 'https://gateway.example.com');
        await route.fulfill({ response, body: text });
      });
      await send(page, 'Why does it rain?');
      await b.shows(b.lastReply(page), 'https://chat.example.com');
    },
  },
  threads: {
    show: async (page, stack, size) => {
      await answered(page, stack, 'Write a haiku about the sea', HAIKU);
      if (size === 'narrow') await b.button(page, 'Show conversations').click();
      await links(page).first().waitFor();
    },
  },
  find: {
    show: async (page) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('a');
      await page.getByRole('option').nth(2).waitFor();
    },
  },
  replacing: {
    show: async (page, stack) => {
      await answered(page, stack, 'Write a haiku about the sea', HAIKU);
      const held = stack.gateway.hold();
      await b.button(page, 'Regenerate').click();
      (await held).piece('Salt on the railing,  \nthe harbour bell');
      await b.shows(b.lastReply(page), 'harbour bell');
    },
  },
  usage: {
    show: async (page, stack) => {
      await answered(page, stack, 'Write a haiku about the sea', HAIKU);
      await b.button(page, 'Usage').click();
      await b.shows(page.locator('.usage-panel'), '312,480 of 2,000,000');
    },
  },
};

/** Conversations of earlier days. */
async function seed(page, stack, size) {
  const uid = await b.uidOf(page);
  for (const thread of THREADS) stack.gateway.threads.seed(uid, thread);
  await page.reload();
  await b.messageBox(page).waitFor();
  await b.button(page, 'Usage').waitFor();
  if (size === 'wide') await links(page).first().waitFor();
}

async function take(browser, name, size, colorScheme) {
  const stack = await startScriptedStack({ env: { CHAT_EXAMPLES: EXAMPLES, CHAT_UPGRADE_URL: 'https://example.com/plans' } });
  stack.gateway.keepsThreads = true;
  stack.gateway.usage = { tokens: 312_480, requests: 123, limits: { tokens_per_day: 2_000_000, requests_per_day: 10_000 } };
  stack.gateway.claims = { tier: 2 };
  const page = await b.openPage(browser, { ...SIZES[size], colorScheme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' });
  try {
    const { signedOut, show } = STATES[name];
    if (signedOut) {
      await page.goto(stack.url);
      await b.emailBox(page).waitFor();
    } else {
      await b.signUp(page, stack.url, 'ada@example.com');
      await seed(page, stack, size);
    }
    await show(page, stack, size);
    await page.mouse.move(0, 0);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const devtools = await page.context().newCDPSession(page);
    const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
    const picture = Buffer.from(data, 'base64');
    writeFileSync(`${FOLDER}${name}-${size}-${colorScheme}.webp`, picture);
    console.log(`${String(picture.length).padStart(7)}  ${name}-${size}-${colorScheme}.webp`);
  } finally {
    await page.context().close();
    await stack.stop();
  }
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STATES);
mkdirSync(FOLDER, { recursive: true });
const browser = await b.launch();
try {
  for (const name of names)
    for (const size of Object.keys(SIZES)) for (const scheme of SCHEMES) await take(browser, name, size, scheme);
} finally {
  await browser.close();
}
