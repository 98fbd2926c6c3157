import { uuid } from '../lib/uuid.ts';
import type { SessionTokens } from '../net/session-tokens.ts';
import type { Transcript } from '../storage/transcript.ts';
import type { UserData } from '../storage/user-data.ts';
import { Conversation } from './conversation.ts';
import { Keeper } from './keeper.ts';
import { Message } from './message.ts';

/** So many conversations stay as they are when others are looked at. */
const MAX_AT_HAND = 12;

/** The conversations of the user that are at hand, and those kept in this browser. */
export class ConversationStore {
  readonly #atHand = new Map<string, Conversation>();
  readonly #changed = new Set<Conversation>();
  readonly #replaced = new Map<string, string>();
  readonly #keeper = new Keeper(() => this.#saveChanged());
  #data: UserData | null = null;
  #isOpen = false;

  constructor(private readonly tokens: SessionTokens) {
    window.addEventListener('pagehide', () => this.#keeper.flush());
  }

  /** Somebody is signed in. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(data: UserData): void {
    this.#data = data;
    this.#isOpen = true;
  }

  /** Stops what is on its way, and lets go of everything; what is in the storage is the caller's business. */
  close(): void {
    this.#isOpen = false;
    for (const conversation of [...this.#atHand.values()]) conversation.giveUp();
    this.#keeper.flush();
    this.#data = null;
    this.#atHand.clear();
    this.#replaced.clear();
    this.tokens.clear();
  }

  begin(tokens = this.tokens.of(null)): Conversation {
    return new Conversation(uuid(), tokens, [], true);
  }

  /** The conversation of a thread: as it is at hand, as it was kept, or with nothing in it yet. */
  find(threadId: string): Conversation {
    const atHand = this.#atHand.get(threadId);
    const found = atHand ?? this.#restore(this.#data?.loadTranscript(threadId) ?? { threadId, sessionId: null, isKept: false, messages: [] });
    this.hold(found);
    return found;
  }

  findLast(): Conversation | null {
    const last = this.#data?.loadLastTranscript();
    return last ? this.find(last.threadId) : null;
  }

  /** Keeps the conversation at hand. */
  hold(conversation: Conversation): void {
    this.#atHand.delete(conversation.threadId);
    this.#atHand.set(conversation.threadId, conversation);
    const idle = [...this.#atHand.values()].filter(({ run }) => run.peek() === null);
    for (const old of idle.slice(0, Math.max(0, this.#atHand.size - MAX_AT_HAND))) this.#atHand.delete(old.threadId);
  }

  saveSoon(conversation: Conversation): void {
    if (this.#isAtHand(conversation)) this.#changed.add(conversation);
    this.#keeper.soon();
  }

  save(conversation: Conversation): void {
    if (this.#isAtHand(conversation)) this.#changed.add(conversation);
    this.#keeper.now();
  }

  /** From now on another thread stands for this one: Back leads to what has become of it. */
  noteSuccessor(threadId: string, successor: string): void {
    this.#replaced.set(threadId, successor);
    this.#data?.saveSuccessor(threadId, successor);
  }

  /** It is still there, after all. */
  forgetSuccessor(threadId: string): void {
    this.#replaced.delete(threadId);
  }

  /** What this tab has replaced a thread by. */
  replacedBy(threadId: string): string | null {
    return this.#replaced.get(threadId) ?? null;
  }

  /** What stands for a thread that is gone, whichever tab has replaced it. */
  successorOf(threadId: string): string | null {
    return this.#data?.successorOf(threadId) ?? null;
  }

  /** Forgets a thread and all that was kept of it. */
  drop(threadId: string): void {
    this.#atHand.get(threadId)?.giveUp();
    this.#atHand.delete(threadId);
    for (const conversation of this.#changed) if (conversation.threadId === threadId) this.#changed.delete(conversation);
    this.#data?.dropTranscript(threadId);
    this.#data?.saveDraft(threadId, '');
    this.#data?.saveEdit(threadId, '');
  }

  /** What is not may be of somebody who has left, or have been deleted. */
  #isAtHand(conversation: Conversation): boolean {
    return this.#atHand.get(conversation.threadId) === conversation;
  }

  #restore({ threadId, sessionId, isKept, messages }: Transcript): Conversation {
    const conversation = new Conversation(threadId, this.tokens.of(sessionId), messages.map(Message.restore));
    conversation.isKept = isKept;
    return conversation;
  }

  #saveChanged(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const conversation of changed) this.#data?.saveTranscript(conversation.toTranscript());
  }
}
