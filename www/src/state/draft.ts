import { signal, untracked } from '@preact/signals';
import type { UserData } from '../storage/user-data.ts';
import type { Conversation } from './conversation.ts';
import type { Message } from './message.ts';

/** What is typed and not sent yet; each conversation has its own, and so has the chat that is yet to begin. */
export class Draft {
  readonly text = signal('');
  #data: UserData | null = null;
  #owner: Conversation | null = null;

  /** Where drafts are kept from now on. */
  keepIn(data: UserData | null): void {
    this.#data = data;
  }

  /** Shows the draft of a conversation. */
  open(conversation: Conversation): void {
    this.#owner = conversation;
    this.text.value = this.#data?.loadDraft(keyOf(conversation)) ?? '';
  }

  /** What is typed is the draft of another conversation from now on. */
  moveTo(conversation: Conversation): void {
    this.#owner = conversation;
    this.write(this.text.peek());
  }

  write(text: string): void {
    this.text.value = text;
    if (this.#owner) this.#data?.saveDraft(keyOf(this.#owner), text);
  }

  /** Puts a text there, unless something has been typed. */
  offer(text: string): boolean {
    if (this.text.peek().trim() !== '') return false;
    this.write(text);
    return true;
  }

  /** The prompt of a reply that never came is the draft of its conversation again, unless something has been typed there. */
  giveBack(conversation: Conversation, reply: Message): void {
    const turn = conversation.turnOf(reply);
    if (!turn || reply.text.peek() !== '') return;
    const text = turn.prompt.text.peek();
    const isTaken = conversation === this.#owner ? this.offer(text) : this.#offerLater(conversation, text);
    if (isTaken) reply.draftRestored = true;
  }

  /** The prompt is about to be sent again as it is. */
  takeAgain(prompt: Message, reply: Message): void {
    if (reply.draftRestored && this.text.peek().trim() === prompt.text.peek()) this.write('');
    reply.draftRestored = false;
  }

  /** For when the conversation is looked at again. */
  #offerLater(conversation: Conversation, text: string): boolean {
    const key = keyOf(conversation);
    if (this.#data?.loadDraft(key).trim() !== '') return false;
    this.#data.saveDraft(key, text);
    return true;
  }
}

/** A chat that has not begun has no thread yet whose draft it would be. */
function keyOf(conversation: Conversation): string | null {
  return untracked(() => conversation.isNew) ? null : conversation.threadId;
}
