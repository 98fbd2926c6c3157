import { signal, type Signal } from '@preact/signals';
import { uuid } from '../lib/uuid.ts';
import type { Failure } from '../net/failure.ts';
import type { Pause } from '../net/pause.ts';
import type { MessageState, Role, StoredMessage, Transcript } from '../storage/transcript.ts';

export class Message {
  readonly text: Signal<string>;
  readonly state: Signal<MessageState>;
  readonly failure: Signal<Failure | null>;
  /** Set while the request for it waits to be sent again. */
  readonly pause: Signal<Pause | null> = signal(null);
  draftRestored: boolean;

  constructor(
    readonly id: string,
    readonly role: Role,
    kept: Omit<StoredMessage, 'id' | 'role'>,
  ) {
    this.text = signal(kept.text);
    this.state = signal(kept.state);
    this.failure = signal(kept.failure);
    this.draftRestored = kept.draftRestored;
  }

  toStored(): StoredMessage {
    return {
      id: this.id,
      role: this.role,
      text: this.text.peek(),
      state: this.state.peek(),
      failure: this.failure.peek(),
      draftRestored: this.draftRestored,
    };
  }
}

const FRESH = { text: '', state: 'done', failure: null, draftRestored: false } as const;

/** One thread with its messages. A reply writes to its own message, whichever conversation is on view by then. */
export class Conversation {
  readonly messages: Signal<readonly Message[]>;

  private constructor(
    readonly threadId: string,
    public sessionId: string | null,
    messages: readonly Message[],
  ) {
    this.messages = signal(messages);
  }

  static start(): Conversation {
    return new Conversation(uuid(), null, []);
  }

  static restore(transcript: Transcript): Conversation {
    const messages = transcript.messages.map((kept) => new Message(kept.id, kept.role, kept));
    return new Conversation(transcript.threadId, transcript.sessionId, messages);
  }

  get isEmpty(): boolean {
    return this.messages.value.length === 0;
  }

  /** Adds a prompt and the reply that is about to stream. */
  addTurn(text: string): { prompt: Message; reply: Message } {
    const prompt = new Message(uuid(), 'user', { ...FRESH, text });
    const reply = new Message(uuid(), 'assistant', { ...FRESH, state: 'streaming' });
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

  removeTurn(reply: Message): void {
    const turn = this.turnOf(reply);
    this.messages.value = this.messages.peek().filter((message) => message !== reply && message !== turn?.prompt);
  }

  toTranscript(): Transcript {
    return {
      threadId: this.threadId,
      sessionId: this.sessionId,
      messages: this.messages.peek().map((message) => message.toStored()),
    };
  }
}
