// Somebody who talks to behest-gateway in one thread, and what is kept of it.
import { randomUUID } from 'node:crypto';
import { eventually } from './program.mjs';
import { replies } from './scripted-upstream.mjs';

export const says = (role, content) => ({ role, content });

/** One user in one thread of a gateway, or in one session with `header` x-session-id. */
export function chatter(server, { token = server.token(), thread = randomUUID(), header = 'x-thread-id' } = {}) {
  const headers = { [header]: thread };
  const get = (rest = '', more = {}) => server.request('GET', `/v1/threads/${thread}${rest}`, { token, ...more });
  return {
    token, thread, headers, get,
    /** Asks without streaming; `messages` are contents of a user or whole messages. */
    async ask(...messages) {
      const list = messages.map((message) => (typeof message === 'string' ? says('user', message) : message));
      return server.chat(token, { messages: list }, { headers });
    },
    stream: (content) => server.stream(token, { messages: [says('user', content)], stream: true }, { headers }),
    messages: async () => (await get('/messages')).json,
    /** What is kept, as pairs of role and content, and the state where it is not complete; null where there is no thread. */
    async kept() {
      const answer = await get('/messages');
      return answer.status === 404 ? null : plain(answer.json);
    },
    threads: async (query = '') => (await server.request('GET', '/v1/threads', { token, query })).json,
  };
}

export const plain = (messages) => messages.map(({ role, content, state }) => (state === 'complete' ? [role, content] : [role, content, state]));

/** Has somebody ask; the upstream's stream is in the test's hands. */
export async function byHand(upstream, person, content) {
  let hands;
  upstream.next = [replies.byHand((given) => { hands = given; })];
  const exchange = await person.stream(content);
  await eventually(() => hands, 'the upstream was not asked');
  return { exchange, hands };
}

/** Likewise, until those pieces of the reply have arrived. */
export async function begin(upstream, person, content, ...pieces) {
  const begun = await byHand(upstream, person, content);
  for (const piece of pieces) {
    begun.hands.piece(piece);
    await begun.exchange.chunks().next();
  }
  return begun;
}
