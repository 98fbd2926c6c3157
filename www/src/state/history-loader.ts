import { CallError, type Call } from '../net/authorized.ts';
import type { MessagePage } from '../net/threads.ts';
import type { Token } from '../net/token.ts';
import type { StoredMessage } from '../storage/transcript.ts';
import type { Conversation } from './conversation.ts';
import { reconcile } from './reconcile.ts';

export type ReadMessages = (token: Token, threadId: string, before: string | null) => Promise<MessagePage>;

export interface HistoryLoaderParts {
  readonly call: Call;
  readonly read: ReadMessages;
  onChanged(conversation: Conversation): void;
  /** The gateway does not know the thread; answers whether another one stands for it. */
  onMissing(conversation: Conversation): boolean;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5000;
/** Some ten minutes. */
const MAX_ATTEMPTS = 120;

/** How long to wait before asking once more whether a reply that somebody else reads has ended. */
export function pauseBefore(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 1.5 ** attempt, LONGEST_PAUSE_MS);
}

/** Brings the conversation on view up to what the gateway has, and keeps it so while its reply is being written elsewhere. */
export class HistoryLoader {
  #watched: Conversation | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What this browser had before it asked; the gateway's answers are compared with that each time. */
  #local: readonly StoredMessage[] = [];

  constructor(private readonly parts: HistoryLoaderParts) {}

  /** From now on this is the conversation on view. */
  open(conversation: Conversation): void {
    this.leave();
    this.#watched = conversation;
    this.#local = conversation.toStored();
    if (conversation.messages.peek().length === 0) conversation.history.value = { state: 'loading' };
    void this.#load(conversation, 0);
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#watched = null;
    this.#local = [];
  }

  /** Resolves to whether they came. */
  async loadEarlier(conversation: Conversation): Promise<boolean> {
    const first = conversation.messages.peek().find(({ keptId }) => keptId !== null);
    if (!first) return false;
    const page = await this.#read(conversation, first.keptId).catch(() => null);
    const here = conversation.messages.peek();
    // What was loaded meanwhile is there already.
    if (!page || !here.includes(first)) return false;
    if (page.messages.some(({ id }) => id === first.keptId)) {
      // A gateway that gives what it was not asked for knows nothing of pages.
      conversation.hasEarlier.value = false;
      return false;
    }
    const before = here.slice(0, here.indexOf(first)).map((message) => message.toStored());
    conversation.prepend(reconcile(before, page.messages, page.mayHaveEarlier), first);
    if (conversation === this.#watched) this.#local = conversation.toStored();
    this.#noteExtent(conversation, page, false);
    return page.messages.length > 0 || !page.mayHaveEarlier;
  }

  /** Resolves to whether all messages are here; not where the gateway has not told yet how many there are. */
  async loadAll(conversation: Conversation): Promise<boolean> {
    while (conversation.hasEarlier.peek()) if (!(await this.loadEarlier(conversation))) return false;
    return conversation.hasBeginning;
  }

  async #load(conversation: Conversation, attempt: number): Promise<void> {
    const before = conversation.messages.peek();
    try {
      const page = await this.#read(conversation, null);
      // What has been sent or loaded meanwhile is newer than the answer.
      if (this.#isIdle(conversation) && before === conversation.messages.peek()) this.#take(conversation, page);
    } catch (error) {
      if (this.#isIdle(conversation)) this.#refused(conversation, error);
    }
    if (this.#isIdle(conversation)) this.#askAgain(conversation, attempt);
  }

  #isIdle(conversation: Conversation): boolean {
    return conversation === this.#watched && !conversation.isStreaming.peek();
  }

  /** For as long as the last reply is being written elsewhere. */
  #askAgain(conversation: Conversation, attempt: number): void {
    if (conversation.messages.peek().at(-1)?.state.peek() !== 'streaming' || attempt >= MAX_ATTEMPTS) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#load(conversation, attempt + 1), pauseBefore(attempt));
  }

  #take(conversation: Conversation, page: MessagePage): void {
    const messages = reconcile(this.#local, page.messages, page.mayHaveEarlier);
    const isSameBeginning = this.#local.length > 0 && messages[0]?.id === this.#local[0]!.id;
    this.#noteExtent(conversation, page, isSameBeginning);
    conversation.become(messages);
    conversation.history.value = { state: 'ready' };
    conversation.isKept = true;
    this.parts.onChanged(conversation);
  }

  #refused(conversation: Conversation, error: unknown): void {
    if (!(error instanceof CallError)) throw error;
    const local = conversation.toStored();
    const isGone = error.isMissing && (local.length === 0 || conversation.isKept);
    if (isGone) {
      if (this.parts.onMissing(conversation)) return;
      conversation.messages.value = [];
      conversation.history.value = { state: 'missing' };
    } else if (local.length === 0) {
      conversation.history.value = { state: 'failed', failure: error.failure };
    }
  }

  #read(conversation: Conversation, before: string | null): Promise<MessagePage> {
    return this.parts.call((token) => this.parts.read(token, conversation.threadId, before));
  }

  /** What a page tells of how much of the thread is here. */
  #noteExtent(conversation: Conversation, { mayHaveEarlier, hasOthers }: MessagePage, isSameBeginning: boolean): void {
    conversation.hasBeginning = !mayHaveEarlier || (isSameBeginning && conversation.hasBeginning);
    conversation.hasEarlier.value = !conversation.hasBeginning;
    conversation.hasOthers ||= hasOthers;
  }
}
