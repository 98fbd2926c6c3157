import { signal, type Signal } from '@preact/signals';
import { uuid } from '../lib/uuid.ts';
import type { Failure } from '../net/failure.ts';
import type { Pause } from '../net/pause.ts';
import type { Role } from '../net/threads.ts';
import type { MessageState, StoredMessage } from '../storage/transcript.ts';

const FRESH = { keptId: null, text: '', state: 'done', failure: null, draftRestored: false } as const;

/** What a person or the model says, as it comes to be. */
export class Message {
  readonly text: Signal<string>;
  readonly state: Signal<MessageState>;
  readonly failure: Signal<Failure | null>;
  /** Set while the request for it waits to be sent again. */
  readonly pause: Signal<Pause | null> = signal(null);
  draftRestored: boolean;
  keptId: string | null;

  constructor(
    readonly id: string,
    readonly role: Role,
    stored: Omit<StoredMessage, 'id' | 'role'>,
  ) {
    this.text = signal(stored.text);
    this.state = signal(stored.state);
    this.failure = signal(stored.failure);
    this.draftRestored = stored.draftRestored;
    this.keptId = stored.keptId;
  }

  static create(role: Role, beginning: Partial<Omit<StoredMessage, 'id' | 'role'>>): Message {
    return new Message(uuid(), role, { ...FRESH, ...beginning });
  }

  static restore(stored: StoredMessage): Message {
    return new Message(stored.id, stored.role, stored);
  }

  /** A reply that waits to be asked for again has failed, as far as whoever comes back later is concerned. */
  toStored(): StoredMessage {
    const pause = this.pause.peek();
    return {
      id: this.id,
      keptId: this.keptId,
      role: this.role,
      text: this.text.peek(),
      state: pause ? 'failed' : this.state.peek(),
      failure: pause ? pause.failure : this.failure.peek(),
      draftRestored: this.draftRestored,
    };
  }

  become(stored: StoredMessage): void {
    this.text.value = stored.text;
    this.state.value = stored.state;
    this.failure.value = stored.failure;
    this.draftRestored = stored.draftRestored;
    this.keptId = stored.keptId;
  }
}
