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

  /** Shows the draft of a conversation; without one, what a message of it was to be changed to when the page went away. */
  open(conversation: Conversation): void {
    this.#owner = conversation;
    this.text.value = this.#data?.loadDraft(keyOf(conversation)) ?? '';
    if (conversation.replacement.peek() === null) this.offerEdit(conversation);
  }

  /** What is typed in a conversation belongs to the thread that stands for it from now on; without one, to a new chat. */
  carry(from: Conversation, threadId: string | null): void {
    const data = this.#data;
    if (!data) return;
    const draft = from === this.#owner ? this.text.peek() : data.loadDraft(keyOf(from));
    const edit = data.loadEdit(from.threadId);
    data.saveDraft(keyOf(from), '');
    data.saveEdit(from.threadId, '');
    const here = joined(data.loadDraft(threadId), draft);
    data.saveDraft(threadId, threadId === null ? joined(here, edit) : here);
    if (threadId !== null) data.saveEdit(threadId, joined(data.loadEdit(threadId), edit));
  }

  /** The conversation on view is another one, and what is typed is what was carried over to it. */
  follow(conversation: Conversation): void {
    this.#owner = conversation;
    this.write(this.text.peek());
    this.offerEdit(conversation);
  }

  /** What a message of the conversation is being changed to. */
  editOf({ threadId }: Conversation): string {
    return this.#data?.loadEdit(threadId) ?? '';
  }

  /** Until its reply has come, what a message is changed to is not to be lost. */
  keepEdit({ threadId }: Conversation, text: string): void {
    this.#data?.saveEdit(threadId, text);
  }

  /** It has become part of the conversation. */
  dropEdit(conversation: Conversation, text: string): void {
    if (this.editOf(conversation) === text) this.keepEdit(conversation, '');
  }

  /** Puts what a message was to be changed to there, unless something is typed; answers whether there is none any more. */
  offerEdit(conversation: Conversation): boolean {
    const text = this.editOf(conversation);
    if (text === '') return true;
    if (conversation.isBeingEdited || conversation !== this.#owner || !this.offer(text)) return false;
    this.dropEdit(conversation, text);
    return true;
  }

  /** Another message is being changed: what one was to be changed to before joins what is typed. */
  changeEdit(conversation: Conversation, text: string): void {
    const before = this.editOf(conversation);
    if (before !== text) this.write(joined(this.text.peek(), before));
    this.keepEdit(conversation, text);
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

/** Both texts, unless one is in the other. */
function joined(one: string, other: string): string {
  if (one.includes(other)) return one;
  return other.includes(one) ? other : `${one}\n\n${other}`;
}

/** A chat that has not begun has no thread yet whose draft it would be. */
function keyOf(conversation: Conversation): string | null {
  return untracked(() => conversation.isNew) ? null : conversation.threadId;
}
