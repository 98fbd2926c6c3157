import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenSource } from '../net/token.ts';
import { memoryArea } from '../storage/area.ts';
import { UserData } from '../storage/user-data.ts';
import { Conversation } from './conversation.ts';
import { Draft } from './draft.ts';

const tokens = new TokenSource(() => Promise.reject(new Error('no token is needed')));
const begun = (id: string) => new Conversation(id, tokens, [], true);

function rig() {
  const data = new UserData(memoryArea(), '/', 'ada');
  const draft = new Draft();
  draft.keepIn(data);
  return { data, draft };
}

test('each conversation has its own, and those that have not begun share one', () => {
  const { data, draft } = rig();
  const said = begun('said');
  said.addTurn('Hello');
  draft.open(said);
  draft.write('of a thread');
  draft.open(begun('new'));
  assert.equal(draft.text.peek(), '');
  draft.write('of a new chat');
  draft.open(said);
  assert.equal(draft.text.peek(), 'of a thread');
  assert.deepEqual([data.loadDraft('said'), data.loadDraft(null), data.loadDraft('new')], ['of a thread', 'of a new chat', '']);
});

test('goes along to the conversation that takes the place of another, also out of view', () => {
  const { data, draft } = rig();
  const [old, successor, other] = [begun('old'), begun('successor'), begun('other')];
  for (const conversation of [old, successor, other]) conversation.addTurn('Hello');
  draft.open(old);
  draft.write('typed');
  draft.carry(old, 'successor');
  draft.follow(successor);
  assert.deepEqual([draft.text.peek(), data.loadDraft('successor')], ['typed', 'typed']);
  draft.carry(successor, 'later');
  assert.equal(data.loadDraft('later'), 'typed');
  draft.open(other);
  draft.write('of the other');
  draft.carry(other, 'later');
  assert.equal(data.loadDraft('later'), 'typed\n\nof the other', 'nothing is overwritten');
});

test('what a message was to be changed to comes back when the conversation is opened without anything typed', () => {
  const { data, draft } = rig();
  const conversation = begun('a');
  conversation.addTurn('Hello');
  draft.open(conversation);
  draft.keepEdit(conversation, 'Hello there');
  draft.write('typed');
  draft.open(conversation);
  assert.deepEqual([draft.text.peek(), data.loadEdit('a')], ['typed', 'Hello there']);
  draft.write('');
  draft.open(conversation);
  assert.deepEqual([draft.text.peek(), data.loadEdit('a'), data.loadDraft('a')], ['Hello there', '', 'Hello there']);
});

test('a prompt that got no reply comes back, unless something was typed since', () => {
  const { draft } = rig();
  const conversation = begun('a');
  const { reply } = conversation.addTurn('Hello');
  draft.open(conversation);
  draft.write('Something else');
  draft.giveBack(conversation, reply);
  assert.deepEqual([draft.text.peek(), reply.draftRestored], ['Something else', false]);
  draft.write(' ');
  draft.giveBack(conversation, reply);
  assert.deepEqual([draft.text.peek(), reply.draftRestored], ['Hello', true]);
});

test('while another conversation is looked at it comes back to its own', () => {
  const { data, draft } = rig();
  const [typed, empty] = [begun('typed'), begun('empty')];
  const replies = [typed, empty].map((conversation) => conversation.addTurn('Hello').reply);
  draft.open(typed);
  draft.write('Something else');
  draft.open(begun('other'));
  draft.giveBack(typed, replies[0]!);
  draft.giveBack(empty, replies[1]!);
  assert.equal(draft.text.peek(), '');
  assert.deepEqual(replies.map(({ draftRestored }) => draftRestored), [false, true]);
  assert.deepEqual([data.loadDraft('typed'), data.loadDraft('empty')], ['Something else', 'Hello']);
});

test('a prompt whose reply has begun does not come back', () => {
  const { draft } = rig();
  const conversation = begun('a');
  const { reply } = conversation.addTurn('Hello');
  reply.text.value = 'Hel';
  draft.open(conversation);
  draft.giveBack(conversation, reply);
  assert.equal(draft.text.peek(), '');
});

test('what is sent again as it came back is no draft any more; what was changed stays', () => {
  const { draft } = rig();
  const conversation = begun('a');
  const { prompt, reply } = conversation.addTurn('Hello');
  draft.open(conversation);
  draft.giveBack(conversation, reply);
  draft.takeAgain(prompt, reply);
  assert.deepEqual([draft.text.peek(), reply.draftRestored], ['', false]);
  draft.giveBack(conversation, reply);
  draft.write('Hello again');
  draft.takeAgain(prompt, reply);
  assert.equal(draft.text.peek(), 'Hello again');
});

test('with nobody signed in nothing is kept', () => {
  const { data, draft } = rig();
  draft.open(begun('a'));
  draft.keepIn(null);
  draft.write('typed');
  assert.equal(data.loadDraft(null), '');
});
