import { textOf } from './content.ts';
import { UnexpectedAnswer } from './failure.ts';
import { clientFor } from './gateway.ts';
import type { Token } from './token.ts';

export interface Thread {
  readonly id: string;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly lastMessageAt: number | null;
}

export type Role = 'user' | 'assistant';
export type KeptState = 'done' | 'streaming' | 'stopped' | 'incomplete';

/** A message as the gateway keeps it. */
export interface KeptMessage {
  /** Null where the gateway names none. */
  readonly id: string | null;
  readonly role: Role;
  readonly text: string;
  readonly state: KeptState;
}

const TIMEOUT_MS = 15_000;
/** More would take longer to show than a person waits unaware. */
export const MESSAGES_AT_ONCE = 100;
/** Characters of JSON, far below what any gateway would call too many. */
const LONG_PAGE = 1_000_000;

/** The user's threads, newest first: `limit` of them that come after where that one was. */
export async function listThreads(token: Token, limit: number, after: Thread | null): Promise<Thread[]> {
  return asList(await read(token, '/threads', { limit, after: after && placeOf(after) })).flatMap(asThread);
}

/** With its time, which stays where it is although the thread moves. */
export function placeOf({ id, lastMessageAt }: Thread): string {
  return lastMessageAt === null ? id : `${new Date(lastMessageAt).toISOString()},${id}`;
}

/** What the gateway gives of a thread at once. */
export interface MessagePage {
  readonly messages: readonly KeptMessage[];
  /** There may be others before them. */
  readonly mayHaveEarlier: boolean;
  /** There are others among them, or parts of them, which are not for show. */
  readonly hasOthers: boolean;
}

/** The newest messages of a thread, or those before the named one. */
export async function readMessages(token: Token, threadId: string, before: string | null): Promise<MessagePage> {
  const path = `/threads/${encodeURIComponent(threadId)}/messages`;
  return asPage(asList(await read(token, path, { limit: MESSAGES_AT_ONCE, before })));
}

/** A gateway may give fewer than it was asked for where they are long; one that gives more knows nothing of pages. */
export function asPage(list: readonly unknown[]): MessagePage {
  const isFull = list.length === MESSAGES_AT_ONCE;
  const isCut = list.length < MESSAGES_AT_ONCE && JSON.stringify(list).length > LONG_PAGE;
  return {
    messages: list.flatMap(asMessage),
    mayHaveEarlier: isFull || isCut,
    hasOthers: !list.every(isText),
  };
}

/** Nothing but what a person or the model says, in one text. */
function isText(value: unknown): boolean {
  if (asMessage(value).length === 0) return false;
  const { content, tool_calls: calls, refusal } = value as { content?: unknown; tool_calls?: unknown; refusal?: unknown };
  return typeof content === 'string' && !calls && !refusal;
}

/** Throws when the gateway does not have it. */
export async function checkThread(token: Token, threadId: string): Promise<void> {
  await read(token, `/threads/${encodeURIComponent(threadId)}`, {});
}

/** Goes its way even when the page does not stay. */
export async function deleteThread(token: Token, threadId: string): Promise<void> {
  const path = `/threads/${encodeURIComponent(threadId)}`;
  const options = { timeout: TIMEOUT_MS, headers: { Accept: null }, fetchOptions: { keepalive: true } };
  await clientFor(token).delete(path, options).asResponse();
}

async function read(token: Token, path: string, asked: Record<string, string | number | null>): Promise<unknown> {
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null));
  return clientFor(token).get(path, { query, timeout: TIMEOUT_MS });
}

/** Some gateways answer a bare array, others one within an object, and null for an empty one. Anything else is no list. */
export function asList(answer: unknown): unknown[] {
  const list = answer !== null && typeof answer === 'object' && 'data' in answer ? answer.data : answer;
  if (list === null) return [];
  if (!Array.isArray(list)) throw new UnexpectedAnswer();
  return list;
}

export function asThread(value: unknown): Thread[] {
  const thread = value as { id?: unknown; title?: unknown; last_message_at?: unknown } | null;
  if (typeof thread?.id !== 'string' || thread.id === '') return [];
  const time = Date.parse(String(thread.last_message_at));
  return [{ id: thread.id, title: textOf(thread.title).trim(), lastMessageAt: Number.isNaN(time) ? null : time }];
}

const STATES: Readonly<Record<string, KeptState>> = {
  streaming: 'streaming',
  stopped: 'stopped',
  incomplete: 'incomplete',
};

/** Only what people and models say; instructions and calls of tools are not for show. */
export function asMessage(value: unknown): KeptMessage[] {
  const message = value as { id?: unknown; role?: unknown; content?: unknown; state?: unknown } | null;
  if (message?.role !== 'user' && message?.role !== 'assistant') return [];
  const isCall = message.role === 'assistant' && 'tool_calls' in message && textOf(message.content) === '';
  if (isCall) return [];
  const hasId = typeof message.id === 'string' || typeof message.id === 'number';
  return [
    {
      id: hasId ? String(message.id) : null,
      role: message.role,
      text: textOf(message.content),
      state: STATES[String(message.state)] ?? 'done',
    },
  ];
}
