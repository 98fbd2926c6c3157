// Conversations that the gateway keeps: what the model is sent, and what is there afterwards.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { byHand as streamByHand, chatter as somebody, plain, says } from '../lib/chatter.mjs';
import { question, replyOf, startGateway } from '../lib/gateway.mjs';
import { eventually } from '../lib/program.mjs';
import { ScriptedUpstream, chunk, replies } from '../lib/scripted-upstream.mjs';
import { sql } from '../lib/app.mjs';
import { MINUTE, roomInWindow } from '../lib/windows.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
const fine = (seen, ...rest) => (seen.body.stream ? replies.stream(['fi', 'ne']) : replies.completion('fine'))(seen, ...rest);
beforeEach(() => {
  upstream.reset();
  upstream.always = fine;
});
const env = { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_TIERS: '1:100000,100000,2000000000' };
const gateway = await startGateway({ env });
after(() => gateway.stop());

const chatter = ({ server = gateway, ...more } = {}) => somebody(server, more);
const byHand = (person, content) => streamByHand(upstream, person, content);

/** What the model was sent with the last request. */
const sent = () => upstream.requests.at(-1).body.messages;

describe('a thread', () => {
  test('remembers what was said', async () => {
    const person = chatter();
    upstream.next = [replies.completion('Hello Ada.'), replies.stream(['You are ', 'Ada.']), replies.completion('Yes.')];
    assert.equal((await person.ask(says('system', 'Be brief.'), 'I am Ada.')).status, 200);
    assert.deepEqual(sent(), [says('system', 'Be brief.'), says('user', 'I am Ada.')]);
    await (await person.stream('Who am I?')).response();
    assert.deepEqual(sent(), [says('system', 'Be brief.'), says('user', 'I am Ada.'), says('assistant', 'Hello Ada.'),
      says('user', 'Who am I?')]);
    await person.ask(says('system', 'Be brief.'), 'Sure?');
    assert.deepEqual(sent().map(({ content }) => content),
      ['Be brief.', 'I am Ada.', 'Hello Ada.', 'Who am I?', 'You are Ada.', 'Sure?']);
    assert.deepEqual(plain(await person.messages()), [['system', 'Be brief.'], ['user', 'I am Ada.'], ['assistant', 'Hello Ada.'],
      ['user', 'Who am I?'], ['assistant', 'You are Ada.'], ['user', 'Sure?'], ['assistant', 'Yes.']]);
  });
  test('has a title from its first message, and times', async () => {
    const person = chatter();
    const before = Date.now();
    await person.ask('How do I put\n it behind a web server that I have had for ten years already?');
    const thread = (await person.get()).json;
    assert.equal(thread.id, person.thread);
    assert.equal(thread.title, 'How do I put it behind a web server that I have had for ten…');
    for (const time of [thread.created_at, thread.last_message_at])
      assert.ok(Date.parse(time) >= before - 5 && Date.parse(time) <= Date.now() + 5, time);
    await person.ask('Next');
    const later = (await person.get()).json;
    assert.equal(later.title, thread.title);
    assert.equal(later.created_at, thread.created_at);
    assert.ok(Date.parse(later.last_message_at) >= Date.parse(thread.last_message_at));
  });
  test('is what the next request sees as soon as a stream has ended', async () => {
    const person = chatter();
    for (let turn = 0; turn < 20; turn++) {
      upstream.next = [replies.stream(['a', 'b', `-${turn}`])];
      await (await person.stream(`question ${turn}`)).response();
      if (turn) assert.equal(sent().at(-2).content, `ab-${turn - 1}`);
    }
  });
  test('keeps calls of tools and what came of them', async () => {
    const person = chatter();
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'now', arguments: '{"zone"' } };
    upstream.next = [(_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const delta of [{ role: 'assistant', content: null, tool_calls: [call] },
        { tool_calls: [{ index: 0, function: { arguments: ':"UTC"}' } }] }])
        response.write(`data: ${JSON.stringify({ ...chunk(''), choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`);
      response.write(`data: ${JSON.stringify({ ...chunk(''), choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })}\n\n`);
      response.end('data: [DONE]\n\n');
    }];
    await (await person.stream('What time is it?')).response();
    await person.ask({ role: 'tool', tool_call_id: 'call_1', content: '12:00' });
    assert.deepEqual(sent(), [
      says('user', 'What time is it?'),
      { role: 'assistant', tool_calls: [{ function: { name: 'now', arguments: '{"zone":"UTC"}' }, id: 'call_1', type: 'function' }] },
      { role: 'tool', tool_call_id: 'call_1', content: '12:00' },
    ]);
  });
  test('sends as much as fits, the oldest left out first, instructions always', async () => {
    const small = await startGateway({ env: { ...env, GATEWAY_CONTEXT_TOKENS: '500' } });
    const person = chatter({ server: small });
    const long = 'x'.repeat(900); // some 240 tokens with its reply
    await person.ask(says('system', 'Be brief.'), `1 ${long}`);
    for (let turn = 2; turn <= 5; turn++) await person.ask(`${turn} ${long}`);
    assert.deepEqual(sent().map(({ role, content }) => `${role} ${content[0]}`),
      ['system B', 'user 4', 'assistant f', 'user 5']);
    assert.equal((await person.messages()).length, 11);
    await person.ask(`6 ${'y'.repeat(5000)}`);
    assert.deepEqual(sent().map(({ content }) => content[0]), ['B', '6']);
    await small.stop();
  });
  test('can be brought along from elsewhere', async () => {
    const small = await startGateway({ env: { ...env, GATEWAY_CONTEXT_TOKENS: '500' } });
    const person = chatter({ server: small });
    const long = 'x'.repeat(900);
    const brought = [says('system', 'Be brief.'), says('user', `1 ${long}`), says('assistant', 'one'), says('user', `2 ${long}`),
      says('assistant', 'two')];
    upstream.next = [replies.error(503)];
    assert.equal((await person.ask(...brought, '3')).status, 502);
    assert.equal((await person.get()).status, 404);
    await person.ask(...brought, '3');
    assert.equal(sent().length, 6);
    assert.deepEqual(plain(await person.messages()), [...brought, says('user', '3'), says('assistant', 'fine')]
      .map(({ role, content }) => [role, content]));
    assert.match((await person.get()).json.title, /^1 xxx/);
    await person.ask('4');
    assert.deepEqual(sent().map(({ content }) => content.slice(0, 2)), ['Be', '2 ', 'tw', '3', 'fi', '4']);
    await small.stop();
  });
  test('of another user, or of another project, does not exist', async () => {
    const person = chatter();
    await person.ask('Mine');
    for (const token of [gateway.token(), gateway.token({ uid: 'same', pid: 'other' })]) {
      const other = chatter({ token, thread: person.thread });
      assert.equal((await other.get()).status, 404);
      assert.equal((await other.get('/messages')).status, 404);
      assert.equal((await gateway.request('DELETE', `/v1/threads/${person.thread}`, { token })).status, 404);
      assert.deepEqual(await other.threads(), []);
      await other.ask('Theirs');
      assert.deepEqual(sent(), [says('user', 'Theirs')]);
    }
    assert.deepEqual(plain(await person.messages()).length, 2);
  });
  test('two at once in one thread both stay whole', async () => {
    const person = chatter();
    await person.ask('First');
    const [a, b] = [await byHand(person, 'A'), await byHand(person, 'B')];
    for (const piece of ['1', '2', '3']) {
      a.hands.piece(`a${piece}`);
      b.hands.piece(`b${piece}`);
    }
    a.hands.done();
    b.hands.done();
    await Promise.all([a.exchange.response(), b.exchange.response()]);
    const kept = plain(await person.messages());
    assert.deepEqual(kept.slice(2), [['user', 'A'], ['assistant', 'a1a2a3'], ['user', 'B'], ['assistant', 'b1b2b3']]);
  });
});

describe('a reply that does not end', () => {
  test('is kept as far as it got when its reader leaves', async () => {
    const person = chatter();
    const { exchange, hands } = await byHand(person, 'Count');
    hands.piece('one ');
    await exchange.chunks().next();
    hands.piece('two ');
    await exchange.chunks().next();
    exchange.abort();
    await eventually(async () => (await person.messages())[1].state === 'stopped', 'it was not marked stopped');
    assert.deepEqual(plain(await person.messages()), [['user', 'Count'], ['assistant', 'one two ', 'stopped']]);
  });
  test('is kept as far as it got when it breaks off', async () => {
    const person = chatter();
    const { exchange, hands } = await byHand(person, 'Count');
    hands.piece('one ');
    await exchange.chunks().next();
    hands.destroy();
    await exchange.response();
    assert.deepEqual(plain(await person.messages()), [['user', 'Count'], ['assistant', 'one ', 'incomplete']]);
  });
  test('is replaced when the same question is asked again', async () => {
    const person = chatter();
    await person.ask('Before');
    const { exchange, hands } = await byHand(person, 'Count');
    hands.piece('one ');
    await exchange.chunks().next();
    hands.destroy();
    await exchange.response();
    upstream.next = [replies.stream(['one ', 'two'])];
    await (await person.stream('Count')).response();
    assert.deepEqual(plain(await person.messages()).slice(2), [['user', 'Count'], ['assistant', 'one two']]);
    await person.ask('Count');
    assert.equal((await person.messages()).filter(({ content }) => content === 'Count').length, 2);
  });
  test('that never began leaves nothing behind', async () => {
    const person = chatter();
    upstream.next = [replies.error(500)];
    assert.equal((await person.ask('Hello?')).status, 502);
    assert.equal((await person.get()).status, 404);
    await person.ask('Hello');
    upstream.next = [replies.error(503)];
    assert.ok((await person.ask('Again?')).status >= 500);
    assert.equal((await person.messages()).length, 2);
  });
  test('survives kill -9, and is incomplete after a minute', async () => {
    const doomed = await startGateway({ env });
    const person = chatter({ server: doomed });
    const { exchange, hands } = await byHand(person, 'Count');
    hands.piece('one ');
    await exchange.chunks().next();
    await eventually(() => { hands.piece('two '); return /two/.test(JSON.stringify(
      sql(doomed.database, "SELECT message FROM messages WHERE part = 'reply'"))); }, 'it was not written down');
    await doomed.kill();
    hands.destroy();
    const heir = await startGateway({ env, folder: doomed.folder });
    const again = chatter({ server: heir, token: person.token, thread: person.thread });
    const [asked, reply] = await again.messages();
    assert.equal(asked.content, 'Count');
    assert.match(reply.content, /^one (two )+$/);
    assert.equal(reply.state, 'streaming');
    sql(heir.database, 'UPDATE messages SET changed_at = changed_at - 61000');
    assert.equal((await again.messages())[1].state, 'incomplete');
    assert.deepEqual(sql(heir.database, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    await heir.stop();
  });
});

describe('the list of threads', () => {
  test('has the newest first, in pages', async () => {
    const token = gateway.token();
    const ids = [];
    for (let i = 0; i < 7; i++) {
      const person = chatter({ token });
      await person.ask(`Question ${i}`);
      ids.unshift(person.thread);
    }
    const { threads } = chatter({ token });
    assert.deepEqual((await threads()).map(({ id }) => id), ids);
    const pages = [];
    for (let after = ''; ;) {
      const page = await threads(`limit=3${after && `&after=${after}`}`);
      if (page.length === 0) break;
      pages.push(page.map(({ id }) => id));
      after = page.at(-1).id;
    }
    assert.deepEqual(pages, [ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)]);
    await chatter({ token, thread: ids[6] }).ask('Again');
    assert.equal((await threads())[0].id, ids[6]);
  });
  test('has nobody twice and nobody missing where one moves to the front between two pages', async () => {
    const token = gateway.token();
    const ids = [];
    for (let i = 0; i < 9; i++) {
      const person = chatter({ token });
      await person.ask(`Question ${i}`);
      ids.unshift(person.thread);
    }
    const { threads } = chatter({ token });
    const place = ({ id, last_message_at }) => `after=${last_message_at},${id}`;
    const first = await threads('limit=3');
    await chatter({ token, thread: ids[2] }).ask('The last one of the first page moves');
    const second = await threads(`limit=3&${place(first.at(-1))}`);
    await chatter({ token, thread: ids[5] }).ask('And so does that of the second, which is then');
    await gateway.request('DELETE', `/v1/threads/${ids[5]}`, { token });
    const third = await threads(`limit=3&${place(second.at(-1)).replace(',', '%2C')}`);
    assert.deepEqual([...first, ...second, ...third].map(({ id }) => id), ids);
    assert.deepEqual(await threads(`limit=3&${place(third.at(-1))}`), []);
  });
  test('has a place for each of those that were written at the same time', async () => {
    const token = gateway.token({ uid: 'at-once' });
    for (let i = 0; i < 5; i++) await chatter({ token }).ask(`Question ${i}`);
    sql(gateway.database, "UPDATE threads SET last_message_at = 1772000000000 WHERE user_id = 'at-once'");
    const { threads } = chatter({ token });
    const all = (await threads()).map(({ id }) => id);
    const seen = [];
    for (let page = await threads('limit=2'); page.length; page = await threads(`limit=2&after=${page.at(-1).last_message_at},${page.at(-1).id}`))
      seen.push(...page.map(({ id }) => id));
    assert.deepEqual(seen, all);
    assert.equal(new Set(seen).size, 5);
  });
  test('a page of messages goes back from the one that is named', async () => {
    const person = chatter();
    for (let i = 0; i < 5; i++) await person.ask(`Question ${i}`);
    const all = await person.messages();
    const last = (await person.get('/messages', { query: 'limit=4' })).json;
    assert.deepEqual(last, all.slice(-4));
    const earlier = (await person.get('/messages', { query: `limit=4&before=${last[0].id}` })).json;
    assert.deepEqual(earlier, all.slice(2, 6));
  });
  test('wrong parameters are refused', async () => {
    const person = chatter();
    await person.ask('Hello');
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'limit=', 'after=a%2Fb', 'after=%', 'after=', 'after=,a',
      'after=2026-01-01T00:00:00Z,', 'after=2026-01-01T00:00:00Z,a,b', 'after=2026-13-01T00:00:00Z,a', 'after=x,a', `after=${'9'.repeat(500)},a`])
      assert.equal((await gateway.request('GET', '/v1/threads', { token: person.token, query })).status, 400, query);
    assert.equal((await gateway.request('GET', '/v1/threads', { token: person.token, query: 'after=gone' })).status, 404);
    for (const query of ['limit=1001', 'before=0', 'before=x'])
      assert.equal((await person.get('/messages', { query })).status, 400, query);
  });
  test('a deleted thread is gone, with all of its messages', async () => {
    const person = chatter();
    await person.ask('Secret');
    const remove = () => gateway.request('DELETE', `/v1/threads/${person.thread}`, { token: person.token });
    assert.equal((await remove()).status, 204);
    assert.equal((await remove()).status, 404);
    assert.equal((await person.get('/messages')).status, 404);
    assert.ok(!JSON.stringify(sql(gateway.database, 'SELECT * FROM messages')).includes('Secret'));
    await person.ask('Anew');
    assert.deepEqual(sent(), [says('user', 'Anew')]);
  });
  test('a thread of which the database removes nothing now is deleted all the same', async (t) => {
    const person = chatter();
    await person.ask('Secret');
    const remove = () => gateway.request('DELETE', `/v1/threads/${person.thread}`, { token: person.token });
    sql(gateway.database, "CREATE TRIGGER broken BEFORE DELETE ON messages BEGIN SELECT raise(ABORT, 'broken'); END");
    t.after(() => sql(gateway.database, 'DROP TRIGGER IF EXISTS broken'));
    assert.equal((await remove()).status, 204);
    assert.equal((await remove()).status, 404);
  });
  test('a thread that is deleted while its reply streams stays deleted', async () => {
    const person = chatter();
    const { exchange, hands } = await byHand(person, 'Count');
    hands.piece('one ');
    await exchange.chunks().next();
    await gateway.request('DELETE', `/v1/threads/${person.thread}`, { token: person.token });
    hands.piece('two');
    hands.done();
    await exchange.response();
    assert.equal((await person.get()).status, 404);
    assert.deepEqual(await person.threads(), []);
  });
  test('wants a token, and only calls that there are', async () => {
    const person = chatter();
    await person.ask('Hello');
    for (const path of ['/v1/threads', `/v1/threads/${person.thread}`, `/v1/threads/${person.thread}/messages`])
      assert.equal((await gateway.request('GET', path)).status, 401, path);
    for (const rest of ['/', '/other', '/messages/', '/messages/1', '//messages', '/../x'])
      assert.ok([400, 404].includes((await person.get(rest)).status), rest);
    assert.equal((await gateway.request('GET', '/v1/threads/', { token: person.token })).status, 404);
    assert.equal((await gateway.request('POST', '/v1/threads', { token: person.token })).status, 405);
    assert.equal((await gateway.request('DELETE', '/v1/threads', { token: person.token })).status, 405);
  });
});

describe('a session', () => {
  test('remembers for clients that send one question', async () => {
    const person = chatter({ header: 'x-session-id' });
    await person.ask('One');
    await person.ask('Two');
    assert.deepEqual(sent().map(({ content }) => content), ['One', 'fine', 'Two']);
    await person.ask(says('user', 'One'), says('assistant', 'fine'), says('user', 'Three'));
    assert.deepEqual(sent().map(({ content }) => content), ['One', 'fine', 'Three']);
    assert.deepEqual(await person.threads(), []);
    assert.equal((await person.get()).status, 404);
  });
  test('ends with its time to live', async () => {
    const person = chatter({ header: 'x-session-id' });
    await person.ask('One');
    sql(gateway.database, "UPDATE threads SET expires_at = 1 WHERE kind = 'session'");
    await person.ask('Two');
    assert.deepEqual(sent(), [says('user', 'Two')]);
  });
  test('lasts from the end of a reply on', async () => {
    const short = await startGateway({ env: { ...env, GATEWAY_SESSION_TTL: '60' } });
    const person = chatter({ server: short, header: 'x-session-id' });
    const { exchange, hands } = await byHand(person, 'Tell me a story');
    sql(short.database, 'UPDATE threads SET last_message_at = last_message_at - 50000, expires_at = expires_at - 50000');
    hands.piece('Once upon a time.');
    hands.done();
    await exchange.response();
    sql(short.database, 'UPDATE threads SET expires_at = expires_at - 50000');
    await person.ask('Go on');
    assert.deepEqual(sent().map(({ content }) => content), ['Tell me a story', 'Once upon a time.', 'Go on']);
    await short.stop();
  });
  test('gives way to the thread that is named', async () => {
    const token = gateway.token();
    const headers = { 'x-session-id': 's1', 'x-thread-id': 't1' };
    await gateway.chat(token, question(), { headers });
    await gateway.chat(token, question({ messages: [says('user', 'Else')] }), { headers: { ...headers, 'x-thread-id': 't2' } });
    assert.deepEqual(sent(), [says('user', 'Else')]);
  });
});

test('ids that cannot be named in a URL are refused', async () => {
  const token = gateway.token();
  for (const id of ['a/b', 'a b', '..', '.a', 'a?b', 'ü', 'a%20b', 'x'.repeat(129)])
    for (const header of ['x-thread-id', 'x-session-id']) {
      const answer = await gateway.chat(token, question(), { headers: { [header]: id } });
      assert.equal(answer.status, 400, `${header}: ${id}`);
      assert.equal(answer.json.error.code, 'validation_error');
    }
  assert.equal(upstream.requests.length, 0);
  assert.equal((await gateway.chat(token, question(), { headers: { 'x-thread-id': 'x'.repeat(128) } })).status, 200);
});

test('a shorter GATEWAY_THREAD_DAYS or GATEWAY_SESSION_TTL holds for what is kept already', async () => {
  const first = await startGateway({ env });
  const thread = chatter({ server: first });
  const session = chatter({ server: first, token: thread.token, header: 'x-session-id' });
  await thread.ask('My secret');
  await session.ask('My secret');
  sql(first.database, 'UPDATE threads SET last_message_at = last_message_at - 10 * 86400000');
  await first.stop();
  const ends = (server) => sql(server.database, "SELECT kind, (expires_at - last_message_at) / 1000 AS seconds FROM threads ORDER BY kind");
  const second = await startGateway({ env: { ...env, GATEWAY_THREAD_DAYS: '11', GATEWAY_SESSION_TTL: '60' }, folder: first.folder });
  assert.deepEqual(ends(second), [{ kind: 'session', seconds: 60 }, { kind: 'thread', seconds: 11 * 86_400 }]);
  assert.equal((await chatter({ ...thread, server: second }).get()).status, 200);
  await second.stop();
  const third = await startGateway({ env: { ...env, GATEWAY_THREAD_DAYS: '9' }, folder: first.folder });
  assert.equal((await chatter({ ...thread, server: third }).get()).status, 404);
  await third.stop();
  const last = await startGateway({ env: { ...env, GATEWAY_THREAD_DAYS: '365' }, folder: first.folder });
  assert.equal((await chatter({ ...thread, server: last }).get()).status, 404, 'it has come back');
  await last.stop();
});

test('without GATEWAY_THREAD_DAYS and GATEWAY_SESSION_TTL nothing is kept', async () => {
  const forgetful = await startGateway({ env: { ...env, GATEWAY_THREAD_DAYS: '0', GATEWAY_SESSION_TTL: '0' } });
  const token = forgetful.token();
  const headers = { 'x-thread-id': 't', 'x-session-id': 's' };
  await forgetful.chat(token, question(), { headers });
  await forgetful.chat(token, question({ messages: [says('user', 'Next')] }), { headers });
  assert.deepEqual(sent(), [says('user', 'Next')]);
  assert.equal((await forgetful.request('GET', '/v1/threads', { token })).status, 404);
  assert.deepEqual(sql(forgetful.database, 'SELECT * FROM threads'), []);
  await forgetful.stop();
});

test('a request over the limit of its tier leaves nothing in the thread', async () => {
  const strict = await startGateway({ env: { ...env, GATEWAY_TIERS: '1:1,100,100000' } });
  const person = chatter({ server: strict });
  await roomInWindow(MINUTE, MINUTE / 6);
  await person.ask('One');
  assert.equal((await person.ask('Two')).status, 429);
  assert.deepEqual((await person.messages()).map(({ content }) => content), ['One', 'fine']);
  await strict.stop();
});

test('the demonstration remembers as well', async () => {
  const demo = await startGateway({ env: { GATEWAY_UPSTREAM_URL: undefined, GATEWAY_UPSTREAM_KEY: undefined, GATEWAY_MODEL: undefined } });
  const person = chatter({ server: demo });
  const { text } = await (await person.stream('How do I add a user?')).response();
  const [, reply] = await person.messages();
  assert.equal(reply.state, 'complete');
  assert.equal(reply.content, replyOf(text));
  await demo.stop();
});
