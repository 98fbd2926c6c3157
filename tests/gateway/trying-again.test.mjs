// The same question once more: the new reply takes the place of the one that did not end, and nothing is lost when it comes to nothing.
import { after, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { begin, byHand, chatter, says } from '../lib/chatter.mjs';
import { startGateway } from '../lib/gateway.mjs';
import { eventually } from '../lib/program.mjs';
import { ScriptedUpstream, chunk, replies } from '../lib/scripted-upstream.mjs';
import { sql } from '../lib/app.mjs';

const upstream = await ScriptedUpstream.start();
after(() => upstream.close());
beforeEach(() => {
  upstream.reset();
  upstream.always = replies.completion('fine');
});
const env = { GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'house-model', GATEWAY_TIERS: '1:100000,100000,2000000000' };
const gateway = await startGateway({ env });
after(() => gateway.stop());

const sent = () => upstream.requests.at(-1).body.messages;

/** Somebody whose reader left after `pieces`. */
async function stopped(person, question, ...pieces) {
  const { exchange } = await begin(upstream, person, question, ...pieces);
  exchange.abort();
  await eventually(async () => (await person.messages()).at(-1).state === 'stopped', 'it was not marked stopped');
}

const HALF = [['user', 'Write an essay'], ['assistant', 'Paragraph one. Two.', 'stopped']];

for (const [name, before] of [['the first turn', []], ['a later turn', [['user', 'Hello'], ['assistant', 'fine']]]]) {
  describe(`${name} that did not end`, () => {
    const halfway = async (server = gateway) => {
      const person = chatter(server);
      if (before.length) await person.ask('Hello');
      await stopped(person, 'Write an essay', 'Paragraph one. ', 'Two.');
      return person;
    };
    test('is out of sight while it is tried again, and goes with the first words', async () => {
      const person = await halfway();
      const { exchange, hands } = await byHand(upstream, person, 'Write an essay');
      assert.deepEqual(sent().map(({ content }) => content), [...before.map(([, content]) => content), 'Write an essay']);
      assert.deepEqual(await person.kept(), [...before, ['user', 'Write an essay'], ['assistant', '', 'streaming']]);
      hands.piece('All of it.');
      hands.done();
      await exchange.response();
      assert.deepEqual(await person.kept(), [...before, ['user', 'Write an essay'], ['assistant', 'All of it.']]);
      assert.deepEqual(sql(gateway.database, 'SELECT count(*) AS n FROM messages WHERE turn < 0'), [{ n: 0 }]);
    });
    test('comes back when the upstream fails', async () => {
      const person = await halfway();
      for (const reply of [replies.error(503), replies.byHand((hands) => hands.destroy())]) {
        upstream.next = [reply];
        await (await person.stream('Write an essay')).response();
        assert.deepEqual(await person.kept(), [...before, ...HALF]);
      }
    });
    test('comes back as it was when the new one is stopped before its first word', async () => {
      const person = await halfway();
      const { exchange } = await byHand(upstream, person, 'Write an essay');
      exchange.abort();
      await eventually(async () => (await person.kept()).at(-1)[2] === 'stopped', 'the new one goes on');
      assert.deepEqual(await person.kept(), [...before, ...HALF]);
    });
    for (const reason of ['content_filter', 'length', 'stop']) {
      test(`comes back when the new one ends with ${reason} and says nothing`, async () => {
        const person = await halfway();
        const end = chunk('', { delta: {}, finish_reason: reason });
        upstream.next = [replies.byHand(({ raw, end: close }) => {
          for (const data of [chunk('', { delta: { reasoning_content: 'Hm.' } }), end]) raw(`data: ${JSON.stringify(data)}\n\n`);
          raw('data: [DONE]\n\n');
          close();
        })];
        assert.match((await (await person.stream('Write an essay')).response()).text, /\[DONE\]/);
        assert.deepEqual(await person.kept(), [...before, ...HALF]);
        upstream.next = [replies.json({ ...end, choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: reason }] })];
        assert.equal((await person.ask('Write an essay')).status, 200);
        assert.deepEqual(await person.kept(), [...before, ...HALF]);
      });
    }
    test('goes with the first words of a server that says on each chunk, also before them, that it is the last', async () => {
      const person = await halfway();
      const { exchange, hands } = await byHand(upstream, person, 'Write an essay');
      for (const content of ['', 'All ', 'of it.']) {
        hands.raw(`data: ${JSON.stringify(chunk(content, { finish_reason: 'stop' }))}\n\n`);
        await exchange.chunks().next();
      }
      hands.end();
      await exchange.response();
      assert.deepEqual(await person.kept(), [...before, ['user', 'Write an essay'], ['assistant', 'All of it.']]);
    });
    test('comes back after kill -9, before the first word of the new one', async () => {
      const doomed = await startGateway({ env });
      const person = await halfway(doomed);
      await byHand(upstream, person, 'Write an essay');
      await doomed.kill();
      const heir = await startGateway({ env, folder: doomed.folder });
      const again = chatter(heir, person);
      assert.deepEqual((await again.kept()).at(-1), ['assistant', '', 'streaming']);
      sql(heir.database, 'UPDATE messages SET changed_at = changed_at - 61000');
      await heir.stop();
      const later = await startGateway({ env, folder: doomed.folder });
      const last = chatter(later, person);
      await eventually(async () => (await last.kept()).length === before.length + 2, 'it did not come back');
      assert.deepEqual(await last.kept(), [...before, ...HALF]);
      await later.stop();
    });
  });
}

describe('when it is tried a third time while the second try is silent', () => {
  const silent = async (server) => {
    const person = chatter(server);
    await stopped(person, 'Write an essay', 'Paragraph one. ', 'Two.');
    return { person, second: await byHand(upstream, person, 'Write an essay') };
  };
  const recovered = async (server) => {
    sql(server.database, 'UPDATE messages SET changed_at = changed_at - 61000');
    const next = await startGateway({ env: { ...env, GATEWAY_DATABASE: server.database } });
    await next.stop();
  };
  test('the answer stays, and nothing is hidden for ever, though the second try ended with its program', async () => {
    const doomed = await startGateway({ env });
    const { person } = await silent(doomed);
    await doomed.kill();
    const heir = await startGateway({ env, folder: doomed.folder });
    const again = chatter(heir, person);
    await again.ask('Write an essay');
    const answered = [['user', 'Write an essay'], ['assistant', 'fine']];
    assert.deepEqual(await again.kept(), answered);
    await recovered(heir);
    assert.deepEqual(await again.kept(), answered);
    assert.deepEqual(sql(heir.database, 'SELECT count(*) AS n FROM messages'), [{ n: 2 }]);
    await heir.stop();
  });
  for (const [name, third, kept] of [
    ['fails', replies.error(503), HALF],
    ['answers', replies.completion('fine'), [['user', 'Write an essay'], ['assistant', 'fine']]],
  ]) {
    for (const secondSpeaks of [false, true]) {
      test(`and ${name}, and then the second ${secondSpeaks ? 'answers' : 'fails'}`, async () => {
        const { person, second } = await silent(gateway);
        upstream.next = [third];
        await person.ask('Write an essay');
        assert.deepEqual(await person.kept(), kept);
        if (secondSpeaks) {
          second.hands.piece('Late.');
          second.hands.done();
        } else {
          second.hands.destroy();
        }
        await second.exchange.response();
        await recovered(gateway);
        assert.deepEqual(await person.kept(), kept);
      });
    }
  }
});

describe('a reply that somebody reads while the same is asked again', () => {
  const atOnce = async () => {
    const person = chatter(gateway);
    const first = await begin(upstream, person, 'Continue', 'First ');
    const second = await byHand(upstream, person, 'Continue');
    first.hands.piece('reply.');
    first.hands.done();
    await first.exchange.response();
    return { person, second };
  };
  test('is there whole when the other one comes to nothing', async () => {
    const { person, second } = await atOnce();
    second.hands.destroy();
    await second.exchange.response();
    assert.deepEqual(await person.kept(), [['user', 'Continue'], ['assistant', 'First reply.']]);
  });
  test('gives way to the other one', async () => {
    const { person, second } = await atOnce();
    second.hands.piece('Second reply.');
    second.hands.done();
    await second.exchange.response();
    assert.deepEqual(await person.kept(), [['user', 'Continue'], ['assistant', 'Second reply.']]);
  });
});

describe('instructions', () => {
  const FRENCH = says('system', 'Answer in French.');
  test('stay when the turn that brought them is tried again without them', async () => {
    const person = chatter(gateway);
    const headers = person.headers;
    upstream.next = [replies.byHand((hands) => { hands.piece('Bon'); setTimeout(hands.destroy, 50); })];
    await (await gateway.stream(person.token, { messages: [FRENCH, says('user', 'Hello')], stream: true }, { headers })).response();
    await person.ask('Hello');
    assert.deepEqual(sent(), [FRENCH, says('user', 'Hello')]);
    assert.deepEqual(await person.kept(), [['system', 'Answer in French.'], ['user', 'Hello'], ['assistant', 'fine']]);
  });
  test('stay when the turn that brought them fails while another one relies on them', async () => {
    const person = chatter(gateway);
    let hands;
    upstream.next = [replies.byHand((given) => { hands = given; })];
    const first = await gateway.stream(person.token, { messages: [FRENCH, says('user', 'One')], stream: true }, person);
    await eventually(() => hands, 'the upstream was not asked');
    await person.ask(FRENCH, 'Two');
    hands.destroy();
    await first.response();
    await person.ask('Three');
    assert.deepEqual(sent().map(({ content }) => content), ['Answer in French.', 'Two', 'fine', 'Three']);
  });
  test('go with the turn that brought them when it fails', async () => {
    const person = chatter(gateway);
    await person.ask('Hello');
    const before = await person.kept();
    for (let i = 0; i < 2; i++) {
      upstream.next = [replies.error(400)];
      assert.equal((await person.ask(says('developer', 'Answer in French.'), 'One')).status, 400);
      assert.deepEqual(await person.kept(), before);
    }
    await person.ask('Two');
    assert.deepEqual(sent().map(({ content }) => content), ['Hello', 'fine', 'Two']);
  });
  test('that were there before stay when a turn that brings them again fails', async () => {
    const person = chatter(gateway);
    const ENGLISH = says('system', 'Answer in English.');
    await person.ask(FRENCH, 'One');
    await person.ask(ENGLISH, 'Two');
    upstream.next = [replies.error(503)];
    await person.ask(FRENCH, 'Three');
    await person.ask('Four');
    assert.deepEqual(sent().filter(({ role }) => role === 'system'), [ENGLISH, FRENCH]);
  });
  test('that outlive the turn that brought them do not stand between a reply that was stopped and the next try', async () => {
    const person = chatter(gateway);
    await person.ask(FRENCH, 'One');
    await person.ask(says('system', 'Answer in English.'), 'Two');
    await stopped(person, 'Write an essay', 'Paragraph one. ', 'Two.');
    upstream.next = [replies.error(503)];
    assert.equal((await person.ask(FRENCH, 'Three')).status, 502);
    await person.ask('Write an essay');
    assert.deepEqual((await person.kept()).filter(([role]) => role !== 'system').slice(4), [['user', 'Write an essay'], ['assistant', 'fine']]);
    const turns = sql(gateway.database, `SELECT DISTINCT turn FROM messages JOIN threads ON serial = thread WHERE threads.id = '${person.thread}'
      AND part = 'reply' ORDER BY messages.id`).map(({ turn }) => turn);
    assert.deepEqual(turns, [1, 2, 5], 'a number was given twice');
  });
  test('that are sent again after others hold again', async () => {
    const person = chatter(gateway);
    const ENGLISH = says('system', 'Answer in English.');
    await person.ask(FRENCH, 'One');
    await person.ask(ENGLISH, 'Two');
    const order = () => sent().filter(({ role }) => role === 'system');
    for (const question of ['Three', 'Four']) {
      await person.ask(FRENCH, question);
      assert.deepEqual(order(), [ENGLISH, FRENCH]);
    }
    await person.ask('Five');
    assert.deepEqual(order(), [ENGLISH, FRENCH]);
    assert.equal(sent().length, 2 + 2 * 4 + 1);
  });
  test('that are sent each time leave as much room as those that are sent once', async () => {
    const small = await startGateway({ env: { ...env, GATEWAY_CONTEXT_TOKENS: '1000' } });
    const long = says('system', 'x'.repeat(1200)); // 300 tokens
    const lengths = [];
    for (const each of [true, false]) {
      const person = chatter(small);
      for (let i = 0; i < 30; i++) await person.ask(...(each || i === 0 ? [long] : []), `${i} ${'y'.repeat(200)}`);
      lengths.push(sent().length);
    }
    assert.equal(lengths[0], lengths[1]);
    assert.ok(lengths[0] > 10, `${lengths[0]} messages`);
    await small.stop();
  });
});

test('a turn that came to nothing leaves its conversation where it was', async () => {
  const token = gateway.token();
  const [a, b] = [chatter(gateway, { token, thread: 'a' }), chatter(gateway, { token, thread: 'b' })];
  await a.ask('Hello');
  await b.ask('Hello');
  const before = await a.threads();
  assert.deepEqual(before.map(({ id }) => id), ['b', 'a']);
  upstream.next = [replies.error(503)];
  assert.equal((await a.ask('Again?')).status, 502);
  assert.deepEqual(await a.threads(), before);
});

describe('a client that sends the whole conversation', () => {
  test('has what was stopped before its first word asked once more, with what is new', async () => {
    const person = chatter(gateway);
    await person.ask('Hello');
    const { exchange } = await byHand(upstream, person, 'My name is Ada.');
    exchange.abort();
    await eventually(async () => (await person.kept()).at(-1)[2] === 'stopped', 'it was not marked stopped');
    const list = [says('user', 'Hello'), says('assistant', 'fine'), says('user', 'My name is Ada.'), says('user', 'What is my name?')];
    await person.ask(...list);
    assert.deepEqual(sent(), list);
    assert.deepEqual(await person.kept(), [['user', 'Hello'], ['assistant', 'fine'], ['user', 'My name is Ada.'], ['user', 'What is my name?'],
      ['assistant', 'fine']]);
    upstream.next = [replies.error(503)];
    await person.ask(...list, says('assistant', 'fine'), says('user', 'Sure?'));
    assert.equal((await person.kept()).length, 5);
  });
  for (const [name, has] of [['more', 'half and more'], ['less', 'ha'], ['nothing', null]]) {
    test(`and has ${name} of a reply that was stopped has nothing doubled`, async () => {
      const person = chatter(gateway);
      await stopped(person, 'One', 'half');
      const list = [says('user', 'One'), ...(has ? [says('assistant', has)] : []), says('user', 'Two')];
      await person.ask(...list);
      list.push(says('assistant', 'fine'), says('user', 'Three'));
      await person.ask(...list);
      const kept = await person.kept();
      for (const question of ['One', 'Two', 'Three'])
        assert.equal(kept.filter(([, content]) => content === question).length, 1, JSON.stringify(kept));
    });
  }
});
