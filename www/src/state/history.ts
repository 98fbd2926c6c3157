import type { ChatMessage } from '../net/gateway.ts';
import type { Role } from '../net/threads.ts';
import type { MessageState } from '../storage/transcript.ts';

interface Past {
  readonly role: Role;
  readonly text: string;
  readonly state: MessageState;
}

export interface Limits {
  readonly messages: number;
  readonly bytes: number;
}

/** With every message, where the gateway keeps no threads. */
export const EVERY_TIME: Limits = { messages: 40, bytes: 100_000 };
/** Once, for a thread that the gateway is to keep. */
export const ONCE: Limits = { messages: 1000, bytes: 800_000 };

/** The earlier messages to send along: the newest ones that fit, beginning with a prompt. */
export function earlierMessages(past: readonly Past[], limits = EVERY_TIME): ChatMessage[] {
  const answered = withoutUnanswered(past);
  const encoder = new TextEncoder();
  let bytes = 0;
  let first = answered.length;
  while (first > 0 && answered.length - first < limits.messages) {
    bytes += encoder.encode(answered[first - 1]!.text).length;
    if (bytes > limits.bytes) break;
    first--;
  }
  while (first < answered.length && answered[first]!.role !== 'user') first++;
  return answered.slice(first).map(({ role, text }) => ({ role, content: text }));
}

/** A prompt whose reply never came would only be asked twice. */
function withoutUnanswered(past: readonly Past[]): Past[] {
  return past.filter((message, index) => {
    const reply = message.role === 'assistant' ? message : past[index + 1];
    return reply !== undefined && reply.role === 'assistant' && reply.text !== '';
  });
}
