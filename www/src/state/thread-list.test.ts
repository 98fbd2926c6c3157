import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIError } from 'openai/core/error';
import { authorizedCalls } from '../net/authorized.ts';
import type { Thread } from '../net/threads.ts';
import { TokenSource } from '../net/token.ts';
import { FIRST_PAGE, ThreadList } from './thread-list.ts';

function rig(all: Thread[]) {
  const calls: [number, string | null][] = [];
  const script: { refuse: Error | null; gate: Promise<void> | null } = { refuse: null, gate: null };
  const remembered: boolean[] = [];
  const tokens = new TokenSource(() => Promise.resolve({ token: 't', sessionId: 's', expiresAt: Number.MAX_SAFE_INTEGER, baseUrl: '' }));
  const list = new ThreadList({
    call: authorizedCalls({ tokens: () => tokens, onExpired: () => {} }),
    list: async (_, limit, after) => {
      calls.push([limit, after?.id ?? null]);
      await script.gate;
      if (script.refuse) throw script.refuse;
      const start = after === null ? 0 : all.findIndex(({ id }) => id === after.id) + 1;
      return all.slice(start, start + limit);
    },
    memory: { load: () => null, save: (isKept) => void remembered.push(isKept) },
  });
  return { all, calls, script, remembered, list };
}

const many = (count: number): Thread[] =>
  Array.from({ length: count }, (_, index) => ({ id: `t${index}`, title: `Title ${index}`, lastMessageAt: 1_000_000 - index }));
const ids = (list: ThreadList) => list.shown.peek().map(({ id }) => id);
const refusal = (status: number) => APIError.generate(status, {}, undefined, new Headers());

test('comes in pages until there is no more', async () => {
  const { list, calls, all } = rig(many(300));
  await list.refresh();
  assert.equal(ids(list).length, FIRST_PAGE);
  while (list.hasMore.peek()) await list.loadMore();
  assert.deepEqual(ids(list), all.map(({ id }) => id));
  await list.loadMore();
  assert.deepEqual(calls, [[50, null], [200, 't49'], [200, 't249']]);
});

test('a refresh keeps what was loaded of the older ones', async () => {
  const { list, all } = rig(many(120));
  await list.refresh();
  await list.loadMore();
  all.unshift({ id: 'new', title: 'New', lastMessageAt: 2_000_000 });
  all.splice(3, 1);
  await list.refresh();
  assert.deepEqual(ids(list), all.map(({ id }) => id));
});

test('a thread whose first message is on its way stays, until it is settled', async () => {
  const { list } = rig(many(2));
  list.touch('mine', 'Mine');
  await list.refresh();
  assert.deepEqual(ids(list), ['mine', 't0', 't1']);
  list.settle('mine');
  await list.refresh();
  assert.deepEqual(ids(list), ['t0', 't1']);
});

test('a thread that is written in comes first, and keeps the title that the gateway gave it', async () => {
  const { list } = rig(many(3));
  await list.refresh();
  list.touch('t2', 'Something else');
  assert.deepEqual(list.shown.peek().map(({ title }) => title), ['Title 2', 'Title 0', 'Title 1']);
});

test('what is hidden is not shown, whatever is loaded', async () => {
  const { list } = rig(many(3));
  list.hide('t1');
  await list.refresh();
  assert.deepEqual(ids(list), ['t0', 't2']);
  list.reveal('t1');
  assert.deepEqual(ids(list), ['t0', 't1', 't2']);
});

test('what was removed meanwhile does not come back with an answer that was on its way', async () => {
  const { list, script, all } = rig(many(3));
  await list.refresh();
  let open = () => {};
  script.gate = new Promise((resolve) => (open = resolve));
  const loading = list.refresh();
  list.remove('t1');
  open();
  await loading;
  assert.deepEqual(ids(list), ['t0', 't2']);
  all[0] = { ...all[0]!, title: 'Newer' };
  await list.refresh();
  assert.deepEqual(ids(list), ['t0', 't1', 't2'], 'the gateway has it after all');
});

test('of two answers the one that was asked for later counts', async () => {
  const { list, script, all } = rig(many(2));
  let open = () => {};
  script.gate = new Promise((resolve) => (open = resolve));
  const early = list.refresh();
  const answer = [...all];
  script.gate = null;
  all.unshift({ id: 'new', title: 'New', lastMessageAt: 2_000_000 });
  await list.refresh();
  all.splice(0, all.length, ...answer);
  open();
  await early;
  assert.deepEqual(ids(list), ['new', 't0', 't1']);
});

test('what comes after the list was cleared is nobody’s', async () => {
  const { list, script } = rig(many(3));
  let open = () => {};
  script.gate = new Promise((resolve) => (open = resolve));
  const loading = list.refresh();
  list.clear();
  open();
  await loading;
  assert.deepEqual(ids(list), []);
  assert.equal(list.hasLoaded.peek(), false);
});

test('a 404 means that the gateway keeps none; any other failure means nothing', async () => {
  const { list, script, remembered } = rig(many(1));
  script.refuse = refusal(500);
  await list.refresh();
  assert.equal(list.isKept.peek(), null);
  assert.equal(list.failure.peek()?.kind, 'server');
  script.refuse = refusal(404);
  await list.refresh();
  assert.equal(list.isKept.peek(), false);
  assert.equal(list.failure.peek(), null);
  script.refuse = null;
  await list.refresh();
  assert.equal(list.isKept.peek(), true);
  assert.deepEqual(remembered, [false, true]);
});

test('as many as are to be searched, also when a page is on its way already', async () => {
  const { list, calls } = rig(many(1000));
  await list.refresh();
  const loading = list.loadMore();
  await list.loadUpTo(600);
  await loading;
  assert.equal(ids(list).length, 650);
  assert.equal(calls.length, 4);
  await list.loadUpTo(2000);
  assert.equal(ids(list).length, 1000);
  assert.equal(list.isLoading.peek(), false);
});

test('a page that is refused ends the search for more, and says nothing of the list', async () => {
  const { list, script } = rig(many(300));
  await list.refresh();
  script.refuse = refusal(404);
  await list.loadUpTo(300);
  assert.deepEqual([list.isKept.peek(), list.failure.peek()?.kind, ids(list).length], [true, 'notFound', FIRST_PAGE]);
});
