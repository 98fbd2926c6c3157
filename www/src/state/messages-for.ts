import type { ChatMessage } from '../net/gateway.ts';
import type { Conversation } from './conversation.ts';
import { earlierMessages, EVERY_TIME, ONCE } from './history.ts';
import type { Message } from './message.ts';

export interface Gateway {
  /** Whether the gateway keeps threads. */
  askWhetherKept(): Promise<boolean>;
}

/** What is sent for a prompt: where the gateway does not have what was said before, that goes along. */
export async function messagesFor(conversation: Conversation, prompt: Message, gateway: Gateway): Promise<ChatMessage[]> {
  const past = conversation.before(prompt).map((message) => message.toStored());
  return [...(await missing()), { role: 'user', content: prompt.text.peek() }];

  async function missing(): Promise<ChatMessage[]> {
    if (past.length === 0) return [];
    if (!(await gateway.askWhetherKept())) return earlierMessages(past, EVERY_TIME);
    return conversation.isKept ? [] : earlierMessages(past, ONCE);
  }
}
