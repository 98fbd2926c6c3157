import { signal } from '@preact/signals';
import type { Diagnosis } from '../net/diagnosis.ts';
import { explained, type Failure } from '../net/failure.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { Conversation } from './conversation.ts';
import type { Message } from './message.ts';
import type { Runs } from './runs.ts';

export interface ExaminerParts {
  readonly store: ConversationStore;
  readonly runs: Runs;
}

/** Says why the gateway cannot be reached, when that is found out after the reply has failed. */
export class Examiner {
  /** The reply whose failure is being looked into. */
  readonly examined = signal<Message | null>(null);

  constructor(private readonly parts: ExaminerParts) {}

  /** What is found out belongs to this failure: once the reply has been asked for again it is of no use. */
  async explain(conversation: Conversation, reply: Message, failure: Failure, pending: Promise<Diagnosis | null>): Promise<void> {
    const { store, runs } = this.parts;
    this.examined.value = reply;
    const diagnosis = await pending;
    if (this.examined.peek() === reply) this.examined.value = null;
    if (!diagnosis || reply.failure.peek() !== failure) return;
    reply.failure.value = explained(failure, diagnosis);
    runs.say(conversation, diagnosis.message);
    store.save(conversation);
  }
}
