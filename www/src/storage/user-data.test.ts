import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryArea } from './area.ts';
import { isOfSomebodyElse, MAX_SUCCESSORS, MAX_TRANSCRIPTS, purgeUsers, UserData } from './user-data.ts';

const thread = (threadId: string) => ({ threadId, sessionId: null, isKept: false, messages: [] });
const empty = { threadId: 't', sessionId: null, isKept: false, messages: [] };

test('drafts are kept by user and thread', () => {
  const area = memoryArea();
  const ada = new UserData(area, '/', 'ada');
  ada.saveDraft('t1', 'hello');
  assert.equal(ada.loadDraft('t1'), 'hello');
  assert.equal(ada.loadDraft('t2'), '');
  assert.equal(new UserData(area, '/', 'bob').loadDraft('t1'), '');
  ada.saveDraft(null, 'of a new one');
  assert.equal(ada.loadDraft(null), 'of a new one');
  ada.saveDraft(null, '');
  ada.saveDraft('t1', '');
  assert.deepEqual(area.keys(), []);
});

test('what is typed in this tab is here whatever becomes of it in the storage', () => {
  const area = memoryArea();
  const here = new UserData(area, '/', 'ada');
  const there = new UserData(area, '/', 'ada');
  here.saveDraft(null, 'typed here');
  assert.equal(there.loadDraft(null), 'typed here');
  there.saveDraft(null, '');
  assert.equal(here.loadDraft(null), 'typed here');
  const blocked = new UserData({ ...memoryArea(), set: () => false }, '/', 'ada');
  blocked.saveDraft('t1', 'a');
  blocked.saveEdit('t1', 'b');
  assert.deepEqual([blocked.loadDraft('t1'), blocked.loadEdit('t1')], ['a', 'b']);
});

test('a draft is kept at the cost of old conversations', () => {
  const area = memoryArea();
  const full = { ...area, set: (key: string, value: string) => (area.keys().some((kept) => kept.endsWith('transcript:old')) ? false : area.set(key, value)) };
  new UserData(area, '/', 'ada').saveTranscript(thread('old'));
  new UserData(area, '/', 'ada').saveTranscript(thread('new'));
  new UserData(full, '/', 'ada').saveDraft('new', 'precious');
  const reloaded = new UserData(area, '/', 'ada');
  assert.equal(reloaded.loadDraft('new'), 'precious');
  assert.equal(reloaded.loadLastTranscript()?.threadId, 'new');
  assert.equal(reloaded.loadTranscript('old'), null);
});

test('what another user left is removed, and nothing else', () => {
  const area = memoryArea();
  area.set('chat:/:theme', 'dark');
  area.set('chat:/other/:user:ada:transcript', 'of another mount');
  for (const id of ['ada', 'adam']) {
    new UserData(area, '/', id).saveTranscript(empty);
    new UserData(area, '/', id).saveDraft('t', 'x');
  }
  purgeUsers(area, '/', 'ada');
  assert.deepEqual(area.keys().sort(), [
    'chat:/:theme',
    'chat:/:user:ada:draft:t',
    'chat:/:user:ada:recent',
    'chat:/:user:ada:transcript:t',
    'chat:/other/:user:ada:transcript',
  ]);
  purgeUsers(area, '/', null);
  assert.deepEqual(area.keys().sort(), ['chat:/:theme', 'chat:/other/:user:ada:transcript']);
});

test('a thread is somebody else’s when it is kept of them alone', () => {
  const area = memoryArea();
  new UserData(area, '/', 'ada').saveTranscript(thread('t'));
  assert.equal(isOfSomebodyElse(area, '/', 'bob', 't'), true);
  assert.equal(isOfSomebodyElse(area, '/', 'ada', 't'), false);
  assert.equal(isOfSomebodyElse(area, '/', 'bob', 'u'), false);
  assert.equal(isOfSomebodyElse(area, '/other/', 'bob', 't'), false);
});

test('transcripts are kept by thread, the last one known', () => {
  const data = new UserData(memoryArea(), '/', 'ada');
  for (const id of ['a', 'b', 'a']) data.saveTranscript(thread(id));
  assert.equal(data.loadTranscript('b')?.threadId, 'b');
  assert.equal(data.loadLastTranscript()?.threadId, 'a');
  data.dropTranscript('a');
  assert.equal(data.loadTranscript('a'), null);
  assert.equal(data.loadLastTranscript()?.threadId, 'b');
});

test('the oldest transcripts go', () => {
  const area = memoryArea();
  const data = new UserData(area, '/', 'ada');
  for (let index = 0; index <= MAX_TRANSCRIPTS; index++) data.saveTranscript(thread(`t${index}`));
  assert.equal(data.loadTranscript('t0'), null);
  assert.equal(data.loadTranscript('t1')?.threadId, 't1');
  assert.equal(area.keys().length, MAX_TRANSCRIPTS + 1);
});

test('where there is no room, the older ones give way', () => {
  const area = memoryArea();
  const data = new UserData(area, '/', 'ada');
  data.saveTranscript(thread('old'));
  const { set } = area;
  area.set = (key, value) => !(key.endsWith(':new') && area.keys().some((other) => other.endsWith(':old'))) && set(key, value);
  data.saveTranscript(thread('new'));
  assert.equal(data.loadTranscript('old'), null);
  assert.equal(data.loadLastTranscript()?.threadId, 'new');
});

test('a transcript that cannot be kept leaves no older one behind', () => {
  const area = memoryArea();
  const data = new UserData(area, '/', 'ada');
  data.saveTranscript(empty);
  const { set } = area;
  area.set = (key, value) => !key.includes('transcript') && set(key, value);
  data.saveTranscript(empty);
  assert.deepEqual(area.keys(), []);
});

test('a transcript of another thread is none of this one', () => {
  const area = memoryArea();
  const ada = new UserData(area, '/', 'ada');
  ada.saveTranscript(thread('a'));
  const [key] = area.keys().filter((name) => name.endsWith('transcript:a'));
  area.set(key!.replace(/a$/, 'b'), area.get(key!)!);
  assert.equal(ada.loadTranscript('b'), null);
  assert.equal(ada.loadTranscript('a')?.threadId, 'a');
});

test('what a message is to be changed to is kept by thread, beside the draft', () => {
  const area = memoryArea();
  const data = new UserData(area, '/', 'ada');
  data.saveDraft('t', 'draft');
  data.saveEdit('t', 'edit');
  assert.deepEqual([data.loadDraft('t'), data.loadEdit('t'), data.loadEdit('u')], ['draft', 'edit', '']);
  data.saveEdit('t', '');
  data.saveDraft('t', '');
  assert.deepEqual(area.keys(), []);
});

test('what stands for a thread is what replaced it last', () => {
  const data = new UserData(memoryArea(), '/', 'ada');
  assert.equal(data.successorOf('a'), null);
  data.saveSuccessor('a', 'b');
  data.saveSuccessor('b', 'c');
  assert.deepEqual(['a', 'b', 'c'].map((id) => data.successorOf(id)), ['c', 'c', null]);
  data.saveSuccessor('c', 'a');
  assert.notEqual(data.successorOf('a'), null, 'a circle has an end');
  for (let index = 0; index < MAX_SUCCESSORS; index++) data.saveSuccessor(`old${index}`, `new${index}`);
  assert.equal(data.successorOf('a'), null);
  assert.equal(data.successorOf('old0'), 'new0');
});
