import type { ChatMessage } from '../net/gateway.ts';
import type { MessageState, Role } from '../storage/transcript.ts';

interface Past {
  readonly role: Role;
  readonly text: string;
  readonly state: MessageState;
}

export const MAX_MESSAGES = 40;
export const MAX_BYTES = 100_000;

/** The earlier messages to send along: the newest ones that fit, beginning with a prompt. */
export function earlierMessages(past: readonly Past[]): ChatMessage[] {
  const answered = withoutUnanswered(past);
  const encoder = new TextEncoder();
  let bytes = 0;
  let first = answered.length;
  while (first > 0 && answered.length - first < MAX_MESSAGES) {
    bytes += encoder.encode(answered[first - 1]!.text).length;
    if (bytes > MAX_BYTES) break;
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
