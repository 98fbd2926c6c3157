import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeptMessage, KeptState } from '../net/threads.ts';
import type { MessageState, StoredMessage } from '../storage/transcript.ts';
import { holdsAll, reconcile } from './reconcile.ts';

let count = 0;
const here = (role: 'user' | 'assistant', text: string, state: MessageState = 'done', keptId: string | null = null): StoredMessage => ({
  id: `local-${++count}`,
  keptId,
  role,
  text,
  state,
  failure: null,
  draftRestored: false,
});
const there = (role: 'user' | 'assistant', text: string, state: KeptState = 'done', id: string | null = `${++count}`): KeptMessage => ({
  id,
  role,
  text,
  state,
});
const plain = (messages: readonly StoredMessage[]) =>
  messages.map(({ role, text, state }) => (role === 'user' ? text : [text, state]));

describe('the gateway tells which messages there are', () => {
  test('nothing here yet', () => {
    const result = reconcile([], [there('user', 'a'), there('assistant', 'b', 'stopped')]);
    assert.deepEqual(plain(result), ['a', ['b', 'stopped']]);
    assert.equal(new Set(result.map(({ id }) => id)).size, 2);
  });
  test('the same on both sides stays the same, under the same ids', () => {
    const local = [here('user', 'a'), here('assistant', 'b')];
    const result = reconcile(local, [there('user', 'a'), there('assistant', 'b')]);
    assert.deepEqual(plain(result), ['a', ['b', 'done']]);
    assert.deepEqual(result.map(({ id }) => id), local.map(({ id }) => id));
  });
  test('once more changes nothing', () => {
    const kept = [there('user', 'a'), there('assistant', 'b'), there('user', 'a'), there('assistant', 'c', 'incomplete')];
    const once = reconcile([here('user', 'a'), here('assistant', 'c', 'incomplete')], kept);
    assert.deepEqual(reconcile(once, kept), once);
  });
  test('what another tab has added comes along', () => {
    const result = reconcile([here('user', 'a'), here('assistant', 'b')], [
      there('user', 'a'),
      there('assistant', 'b'),
      there('user', 'c'),
      there('assistant', 'd'),
    ]);
    assert.deepEqual(plain(result), ['a', ['b', 'done'], 'c', ['d', 'done']]);
  });
  test('a reply that another tab has asked for again is there once', () => {
    const result = reconcile([here('user', 'a'), here('assistant', 'x', 'incomplete')], [there('user', 'a'), there('assistant', 'y z')]);
    assert.deepEqual(plain(result), ['a', ['y z', 'done']]);
  });
  test('what was said twice is there twice', () => {
    const local = [here('user', 'more'), here('assistant', '1'), here('user', 'more'), here('assistant', '2')];
    const result = reconcile(local, [there('user', 'more'), there('assistant', '1'), there('user', 'more'), there('assistant', '2')]);
    assert.deepEqual(plain(result), ['more', ['1', 'done'], 'more', ['2', 'done']]);
    assert.deepEqual(result.map(({ id }) => id), local.map(({ id }) => id));
  });
  test('a gateway that gives no ids', () => {
    const kept = [there('user', 'a', 'done', null), there('assistant', 'b', 'done', null)];
    const result = reconcile([], kept);
    assert.equal(new Set(result.map(({ id }) => id)).size, 2);
    assert.deepEqual(plain(reconcile(result, kept)), plain(result));
  });
  test('earlier messages stay when only the newest were told', () => {
    const local = [here('user', 'a', 'done', 'k1'), here('assistant', 'b', 'done', 'k2'), here('user', 'c', 'done', 'k3')];
    const kept = [there('user', 'c', 'done', 'k3'), there('assistant', 'd')];
    assert.deepEqual(plain(reconcile(local, kept, true)), ['a', ['b', 'done'], 'c', ['d', 'done']]);
    assert.deepEqual(plain(reconcile(local, kept)), ['c', ['d', 'done']]);
  });
});

describe('a reply that was cut off here', () => {
  const local = () => [here('user', 'a'), here('assistant', 'one two', 'incomplete')];
  const cases: [string, KeptMessage, [string, MessageState]][] = [
    ['the gateway got further', there('assistant', 'one two three', 'done'), ['one two three', 'done']],
    ['the gateway goes on', there('assistant', 'one two three', 'streaming'), ['one two three', 'streaming']],
    ['the gateway has not written everything down yet', there('assistant', 'one', 'streaming'), ['one two', 'streaming']],
    ['the gateway took it for stopped', there('assistant', 'one two three', 'stopped'), ['one two three', 'incomplete']],
    ['it broke off', there('assistant', 'one two', 'incomplete'), ['one two', 'incomplete']],
  ];
  for (const [name, reply, expected] of cases) {
    test(name, () => assert.deepEqual(plain(reconcile(local(), [there('user', 'a'), reply])), ['a', expected]));
  }
});

describe('a reply that was stopped here', () => {
  for (const state of ['stopped', 'done', 'streaming', 'incomplete'] as const) {
    test(`does not grow, the gateway’s is ${state}`, () => {
      const local = [here('user', 'a'), here('assistant', 'one', 'stopped')];
      assert.deepEqual(plain(reconcile(local, [there('user', 'a'), there('assistant', 'one two', state)])), ['a', ['one', 'stopped']]);
    });
  }
});

describe('what never reached the gateway', () => {
  test('stays at the end', () => {
    const local = [here('user', 'a'), here('assistant', 'b'), here('user', 'c'), here('assistant', '', 'failed')];
    const result = reconcile(local, [there('user', 'a'), there('assistant', 'b')]);
    assert.deepEqual(plain(result), ['a', ['b', 'done'], 'c', ['', 'failed']]);
  });
  test('stays when the same was asked before', () => {
    const local = [here('user', 'c', 'done', 'k1'), here('assistant', 'b', 'done', 'k2'), here('user', 'c'), here('assistant', '', 'failed')];
    const result = reconcile(local, [there('user', 'c', 'done', 'k1'), there('assistant', 'b', 'done', 'k2')]);
    assert.deepEqual(plain(result), ['c', ['b', 'done'], 'c', ['', 'failed']]);
  });
  test('is found out to have reached it after all', () => {
    const local = [here('user', 'c'), here('assistant', '', 'failed')];
    assert.deepEqual(plain(reconcile(local, [there('user', 'c'), there('assistant', 'd')])), ['c', ['d', 'done']]);
  });
  test('is no double of what was answered', () => {
    const local = [here('user', 'a', 'done', 'gone'), here('assistant', 'b', 'done', 'gone too')];
    assert.deepEqual(reconcile(local, []), []);
  });
});

test('whether all of a thread’s end is here', () => {
  const local = [here('user', 'a', 'done', '7'), here('assistant', 'b', 'done', '8'), here('user', 'c'), here('assistant', 'd', 'stopped')];
  const kept = [there('user', 'a', 'done', '7'), there('assistant', 'b', 'done', '8'), there('user', 'c'), there('assistant', 'd')];
  assert.ok(holdsAll(local, kept));
  assert.ok(holdsAll(local, kept.slice(1)), 'the gateway told the end alone');
  assert.ok(!holdsAll(local, [...kept, there('user', 'e'), there('assistant', 'f')]));
  assert.ok(!holdsAll(local.slice(2), kept));
  assert.ok(!holdsAll(local, []));
});
