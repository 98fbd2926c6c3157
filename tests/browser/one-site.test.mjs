// Chat and gateway on one site: the gateway below a path, and so no other origin to allow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as b from './browser.mjs';
import { around, page, stack } from './fixture.mjs';
import { startRealStack } from './stack.mjs';

around({ start: () => startRealStack({ gatewayMount: '/gateway' }) });

test('from sign-up to a streamed reply without a preflight', async () => {
  await b.signUp(page, stack.url);
  await b.send(page, 'How do I set up behest-fcgi?');
  assert.equal(await b.settled(page), 'whole');
  assert.ok((await b.lastReply(page).innerText()).length > 20);
  const asked = page.requests.filter((request) => request.url() === `${stack.url}/gateway/v1/chat/completions`);
  assert.deepEqual(asked.map((request) => request.method()), ['POST']);
  assert.equal((await asked[0].allHeaders()).origin, stack.url);
  const response = await asked[0].response();
  assert.equal(response.headers()['access-control-allow-origin'], undefined);
  assert.match(response.headers()['content-type'], /^text\/event-stream/);
});
