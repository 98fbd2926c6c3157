import { computed, signal, type Signal } from '@preact/signals';
import { wellFormed } from '../lib/well-formed.ts';
import type { Failure } from '../net/failure.ts';
import type { TokenSource } from '../net/token.ts';
import type { StoredMessage, Transcript } from '../storage/transcript.ts';
import { Message } from './message.ts';

export interface Turn {
  readonly prompt: Message;
  readonly reply: Message;
}

/** Whether the messages are there: still to come, all here, refused, or of a thread that does not exist. */
export type History =
  | { readonly state: 'ready' }
  | { readonly state: 'loading' }
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly failure: Failure };

/** A turn that is to take the place of another one, and of all that came after it, once its reply has ended. */
export interface Replacement extends Turn {
  /** The prompt whose turn it replaces. */
  readonly replaced: Message;
  /** What the conversation is going to be. */
  readonly successor: Conversation;
}

/** One thread with its messages. A reply writes to its own message, whichever conversation is on view by then. */
export class Conversation {
  readonly messages: Signal<readonly Message[]>;
  readonly history: Signal<History> = signal<History>({ state: 'ready' });
  /** The gateway has messages before the first one here. */
  readonly hasEarlier = signal(false);
  /** The first message here is known to be the first one that there is. */
  hasBeginning: boolean;
  /** The gateway has more than is shown: instructions, what tools gave, pictures. */
  hasOthers = false;
  /** What ends the reply that is on its way. */
  readonly run = signal<AbortController | null>(null);
  readonly replacement = signal<Replacement | null>(null);
  /** The message of one's own that is being changed. */
  readonly editing = signal<Message | null>(null);
  readonly isStreaming = computed(() => this.run.value !== null);
  /** The gateway has had the thread; whether it still has it is another matter. */
  isKept = false;

  constructor(
    readonly threadId: string,
    readonly tokens: TokenSource,
    messages: readonly Message[] = [],
    /** It began here, so that without messages it is a new chat rather than a thread that is yet to be loaded. */
    private readonly beganHere = false,
  ) {
    this.messages = signal(messages);
    this.hasBeginning = beganHere;
  }

  /** Nobody is to see it any more: what is on its way ends, and replaces nothing. */
  giveUp(): void {
    this.replacement.value = null;
    this.run.peek()?.abort();
  }

  get isBeingEdited(): boolean {
    const message = this.editing.peek();
    return message !== null && this.messages.peek().includes(message);
  }

  /** Nothing has been said, and there is no thread yet. */
  get isNew(): boolean {
    return this.beganHere && this.messages.value.length === 0 && this.history.value.state === 'ready';
  }

  /** Adds a prompt and the reply that is about to stream. */
  addTurn(text: string): Turn {
    const prompt = Message.create('user', { text: wellFormed(text) });
    const reply = Message.create('assistant', { state: 'streaming' });
    this.messages.value = [...this.messages.peek(), prompt, reply];
    return { prompt, reply };
  }

  /** The prompt that a reply answers and what was said before it. */
  turnOf(reply: Message): { prompt: Message; before: readonly Message[] } | null {
    const all = this.messages.peek();
    const index = all.indexOf(reply);
    const prompt = all[index - 1];
    return prompt?.role === 'user' ? { prompt, before: all.slice(0, index - 1) } : null;
  }

  before(message: Message): readonly Message[] {
    const all = this.messages.peek();
    return all.slice(0, Math.max(0, all.indexOf(message)));
  }

  removeTurn(reply: Message): void {
    const turn = this.turnOf(reply);
    this.messages.value = this.messages.peek().filter((message) => message !== reply && message !== turn?.prompt);
  }

  /** Puts messages in front, in place of those before `first`; what is on its way goes on. */
  prepend(messages: readonly StoredMessage[], first: Message): void {
    const here = this.messages.peek();
    this.messages.value = [...this.#taken(messages), ...here.slice(here.indexOf(first))];
  }

  /** Takes over messages. */
  become(messages: readonly StoredMessage[]): void {
    this.messages.value = this.#taken(messages);
  }

  /** Those that are here already stay the same objects. */
  #taken(messages: readonly StoredMessage[]): Message[] {
    const known = new Map(this.messages.peek().map((message) => [message.id, message]));
    return messages.map((stored) => {
      const message = known.get(stored.id);
      message?.become(stored);
      return message ?? Message.restore(stored);
    });
  }

  toStored(): StoredMessage[] {
    return this.messages.peek().map((message) => message.toStored());
  }

  toTranscript(): Transcript {
    return { threadId: this.threadId, sessionId: this.tokens.sessionId, isKept: this.isKept, messages: this.toStored() };
  }
}
