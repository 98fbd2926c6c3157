// While Behest hangs, everything else stays quick: only part of the workers may wait for it.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { remoteMinting, startApp } from '../lib/app.mjs';
import { eventually, healthy } from '../lib/program.mjs';
import { ScriptedBehest, TOKEN, answers } from '../lib/scripted-behest.mjs';

const THREADS = 8;
const behest = await ScriptedBehest.start();
after(() => behest.close());
const app = await startApp({
  env: remoteMinting(behest.url),
  args: ['--threads', String(THREADS)],
});
after(() => app.stop());

test('a hanging Behest takes neither sign-in nor health with it', async () => {
  const client = app.client();
  await client.join();
  const held = [];
  behest.always = (seen, response) => held.push(() => answers.token()(seen, response));

  const order = [];
  const mints = Array.from({ length: 24 }, () => client.post('behest.mint').then((response) => {
    order.push(response.status);
    return response;
  }));
  await eventually(() => held.length + order.length === mints.length, 'the surplus is refused at once');
  assert.ok(held.length >= 1 && held.length < THREADS, `${held.length} wait for Behest`);
  assert.ok(order.every((status) => status === 503), `answered so far: ${order}`);

  for (let i = 0; i < 5; i++) assert.ok(await healthy(app.address));
  await app.client().join();
  assert.equal((await client.get('/')).status, 200);
  await client.call('_system.user.getOwnProfile');
  assert.equal((await client.post('behest.mint')).status, 503);

  for (const answer of held) answer();
  const responses = await Promise.all(mints);
  const served = responses.filter(({ status }) => status === 200);
  const refused = responses.filter(({ status }) => status === 503);
  assert.equal(served.length, held.length);
  assert.equal(served.length + refused.length, responses.length);
  for (const response of served) assert.equal(response.json.data.token, TOKEN);
  for (const response of refused) {
    assert.match(response.get('retry-after') ?? '', /^[1-9]\d*$/);
    assert.match(response.get('content-type'), /^text\/plain/);
  }

  behest.always = answers.token();
  assert.equal((await client.post('behest.mint')).status, 200, 'and it recovers');
});

test('one worker alone still serves', async (t) => {
  const lone = await startApp({ env: remoteMinting(behest.url), args: ['--threads', '1'] });
  t.after(() => lone.stop());
  const client = lone.client();
  await client.join();
  assert.equal((await client.post('behest.mint')).status, 200);
});
