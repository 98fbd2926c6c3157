import { signal, untracked } from '@preact/signals';
import type { Announcer } from './announcer.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { Conversation } from './conversation.ts';
import type { Draft } from './draft.ts';
import type { HistoryLoader } from './history-loader.ts';
import type { ThreadList } from './thread-list.ts';

export interface OnViewParts {
  readonly store: ConversationStore;
  readonly history: HistoryLoader;
  readonly threads: ThreadList;
  readonly draft: Draft;
  readonly announcer: Announcer;
  /** The thread on view has another address; null is that of a new chat. */
  onAddress(threadId: string | null, how: { replace: boolean }): void;
}

/** The conversation that is looked at, and its address. */
export class OnView {
  readonly conversation;
  /** Counts what was brought to view, so that the view can go to its end. */
  readonly openings = signal(0);
  #isBegun = false;

  constructor(private readonly parts: OnViewParts) {
    this.conversation = signal(parts.store.begin());
  }

  is(conversation: Conversation): boolean {
    return conversation === this.conversation.peek();
  }

  /** Shows a thread; without one a new chat, or the last one where the gateway keeps none. */
  show(threadId: string | null): void {
    const { threads, store, onAddress } = this.parts;
    const successor = threadId !== null && store.replacedBy(threadId);
    if (successor) return onAddress(successor, { replace: true });
    const shown = this.conversation.peek();
    const isBegun = this.#isBegun;
    this.#isBegun = true;
    if (!isBegun || shown.threadId !== threadId) {
      if (threadId !== null) this.#showThread(threadId);
      else if (threads.isKept.peek() !== true) this.#put(store.findLast() ?? store.begin());
      else if (!isBegun || !this.#isNew()) this.#put(store.begin());
    }
    if (!isBegun) void threads.refresh();
  }

  newChat(): void {
    const { threads, store, draft, announcer, onAddress } = this.parts;
    const { threadId } = this.conversation.peek();
    if (this.#isNew()) return;
    announcer.say('New chat');
    if (threads.isKept.peek() !== true) {
      // Nothing keeps the old one, so what is typed goes along.
      const typed = draft.text.peek();
      store.drop(threadId);
      this.#put(store.begin());
      draft.write(typed);
    }
    onAddress(null, { replace: false });
  }

  /** The conversation goes on in another thread. */
  goOn(successor: Conversation): void {
    this.conversation.value = successor;
    this.parts.draft.follow(successor);
    this.takeAddress();
  }

  /** Where the gateway keeps threads, what is on view has an address once something has been said. */
  takeAddress(): void {
    const { threads, onAddress } = this.parts;
    const { threadId, messages } = this.conversation.peek();
    if (threads.isKept.peek() === true && messages.peek().length > 0) onAddress(threadId, { replace: true });
  }

  /** The thread is no more: nothing of it is kept, and where it was on view there is a new chat. */
  drop(threadId: string): void {
    const { store, onAddress } = this.parts;
    if (this.conversation.peek().threadId === threadId) {
      this.#put(store.begin());
      onAddress(null, { replace: true });
    }
    store.drop(threadId);
  }

  /** Nobody is there any more. */
  clear(): void {
    this.#isBegun = false;
    this.#put(this.parts.store.begin());
  }

  /** What the gateway keeps may be other than what is here, or gone. */
  refresh(): void {
    const conversation = this.conversation.peek();
    const isReady = conversation.history.peek().state === 'ready' && !conversation.isStreaming.peek();
    if (isReady && conversation.isKept) this.parts.history.open(conversation);
  }

  /** Asks once more for the messages that did not come. */
  reload(): void {
    this.parts.history.open(this.conversation.peek());
  }

  /** Resolves to whether they came. */
  loadEarlier(): Promise<boolean> {
    return this.parts.history.loadEarlier(this.conversation.peek());
  }

  #showThread(threadId: string): void {
    const { store, history, threads } = this.parts;
    const conversation = store.find(threadId);
    this.#put(conversation);
    if (conversation.isStreaming.peek()) return;
    if (threads.isKept.peek() === false && conversation.messages.peek().length > 0) return;
    history.open(conversation);
  }

  #put(conversation: Conversation): void {
    this.parts.history.leave();
    this.conversation.value = conversation;
    this.openings.value++;
    this.parts.draft.open(conversation);
    this.#giveBackUnsent(conversation);
  }

  /** A message that never got through while nobody looked, or when the page went away, is a draft again. */
  #giveBackUnsent(conversation: Conversation): void {
    const last = conversation.messages.peek().at(-1);
    if (last?.state.peek() !== 'failed' || last.draftRestored) return;
    this.parts.draft.giveBack(conversation, last);
    this.parts.store.save(conversation);
  }

  #isNew(): boolean {
    return untracked(() => this.conversation.peek().isNew);
  }
}
