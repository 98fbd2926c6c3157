import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryArea } from './area.ts';
import { purgeUsers, UserData } from './user-data.ts';

const empty = { threadId: 't', sessionId: null, messages: [] };

test('drafts are kept by user and thread', () => {
  const area = memoryArea();
  const ada = new UserData(area, '/', 'ada');
  ada.saveDraft('t1', 'hello');
  assert.equal(ada.loadDraft('t1'), 'hello');
  assert.equal(ada.loadDraft('t2'), '');
  assert.equal(new UserData(area, '/', 'bob').loadDraft('t1'), '');
  ada.saveDraft('t1', '');
  assert.deepEqual(area.keys(), []);
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
    'chat:/:user:ada:transcript',
    'chat:/other/:user:ada:transcript',
  ]);
  purgeUsers(area, '/', null);
  assert.deepEqual(area.keys().sort(), ['chat:/:theme', 'chat:/other/:user:ada:transcript']);
});

test('a transcript that cannot be kept leaves no older one behind', () => {
  const area = memoryArea();
  const data = new UserData(area, '/', 'ada');
  data.saveTranscript(empty);
  area.set = () => false;
  data.saveTranscript(empty);
  assert.deepEqual(area.keys(), []);
});
