// The gateway's streams: piece by piece, and over when the reader leaves.
import assert from 'node:assert/strict';
import { replies } from '../../lib/scripted-upstream.mjs';
import { events, replyOf } from '../../lib/gateway.mjs';
import { sleep, within } from '../../lib/program.mjs';
import { askStreaming, chat } from '../lib/gateway.mjs';
import { Visitor } from '../lib/visitor.mjs';

const PIECE_EVERY_MS = 100;
/** While nothing is said the gateway writes a comment after 10 s: who notices before then noticed without a write. */
const BEFORE_THE_PULSE_MS = 9000;

/** A stream whose pieces the test writes: { reader, hands }. */
async function streamByHand({ site, upstream }) {
  const token = await (await new Visitor(site).join()).token();
  const begun = new Promise((resolve) => upstream.next.push(replies.byHand(resolve)));
  const answer = askStreaming(site, token);
  const hands = await within(begun, 'the question did not reach the model');
  hands.piece('the first piece');
  const reader = await within(answer, 'no answer began');
  assert.equal(reader.status, 200, reader.statusLine);
  assert.match(reader.get('content-type'), /^text\/event-stream/);
  return { reader, hands };
}

export const streams = {
  async 'the first piece is there before the last is written'({ site, upstream, see }) {
    const { reader, hands } = await streamByHand({ site, upstream });
    await reader.read('the first piece');
    for (const piece of ['one', 'two', 'three']) {
      hands.piece(` ${piece}`);
      await reader.read(` ${piece}`);
    }
    hands.done();
    const text = await reader.read('[DONE]');
    for await (const _ of reader.chunks());
    assert.equal(replyOf(text), 'the first piece one two three');
    assert.equal(events(reader.text).at(-1), '[DONE]');
    see('streams', 'yes');
  },

  async 'a long reply comes whole'({ site, upstream }) {
    const pieces = Array.from({ length: 400 }, (_, i) => `${i} ${'word '.repeat(100)}`);
    upstream.next.push(replies.stream(pieces));
    const token = await (await new Visitor(site).join()).token();
    assert.equal(await chat(site, token), pieces.join(''));
  },

  async 'several readers are served at a time'({ site, upstream }) {
    const all = [];
    for (let i = 0; i < 4; i++) all.push(await streamByHand({ site, upstream }));
    for (const { reader } of all) await reader.read('the first piece');
    for (const { hands, reader } of all.reverse()) {
      hands.done();
      await reader.read('[DONE]');
      reader.close();
    }
  },

  async 'generation stops when the reader leaves'({ site, upstream, t, see, what }) {
    const { reader, hands } = await streamByHand({ site, upstream });
    await reader.read('the first piece');
    const writing = setInterval(() => hands.piece(' and more'), PIECE_EVERY_MS);
    try {
      await reader.read(' and more');
      const left = performance.now();
      reader.close();
      assert.equal(await within(hands.seen.gone, 'the model was not stopped', 15_000), true);
      t.diagnostic(`the model was stopped ${Math.round(performance.now() - left)} ms after the reader left`);
    } finally {
      clearInterval(writing);
    }
    see('leaving', what.stops === 'at once' ? 'at once' : 'at the next piece');
  },

  async 'also while the model says nothing, where the web server passes that on'({ site, upstream, t, what }) {
    const { reader, hands } = await streamByHand({ site, upstream });
    await reader.read('the first piece');
    const left = performance.now();
    reader.close();
    if (what.stops === 'at once')
      assert.equal(await within(hands.seen.gone, 'the model was not stopped before the gateway wrote something', BEFORE_THE_PULSE_MS), true);
    else {
      assert.equal(await Promise.race([hands.seen.gone, sleep(1500)]), undefined, 'noticed without a write: its facts are out of date');
      const writing = setInterval(() => hands.piece(' and more'), PIECE_EVERY_MS);
      assert.equal(await within(hands.seen.gone, 'the model was not stopped', 15_000).finally(() => clearInterval(writing)), true);
    }
    t.diagnostic(`the silent model was stopped ${Math.round(performance.now() - left)} ms after the reader left`);
  },
};
