import { CallError, type Call } from '../net/authorized.ts';
import type { Failure } from '../net/failure.ts';
import type { Token } from '../net/token.ts';
import type { Conversation } from './conversation.ts';
import type { ReadMessages } from './history-loader.ts';
import type { Provisional } from './provisional.ts';
import { holdsAll } from './reconcile.ts';
import type { ThreadList } from './thread-list.ts';

export type AskThread = (token: Token, threadId: string) => Promise<void>;

export interface ThreadRemoverParts {
  readonly call: Call;
  /** Rejects when the gateway does not have the thread. */
  readonly check: AskThread;
  readonly read: ReadMessages;
  readonly delete: AskThread;
  readonly threads: ThreadList;
  readonly provisional: Provisional;
  /** The list of threads is another one at the gateway. */
  onListChanged(): void;
}

/** Deletes threads at the gateway: those that a person wants gone, and those that nobody is to see. */
export class ThreadRemover {
  constructor(private readonly parts: ThreadRemoverParts) {
    // A tab that is closed for good leaves nothing behind; one that the browser sets aside may go on where it was.
    window.addEventListener('pagehide', ({ persisted }) => {
      if (!persisted) this.sweepLeft();
    });
  }

  /** Resolves to what went wrong, or to null. A thread that is gone already is as good as deleted. */
  async remove(threadId: string): Promise<Failure | null> {
    const failure = await this.#delete(threadId);
    if (!failure) this.parts.threads.remove(threadId);
    return failure;
  }

  /**
   * Deletes a thread that another one stands for now. It stays when the gateway does not have that one, or when more was said in
   * it elsewhere. Resolves to whether it was replaced.
   */
  async replace(old: Conversation, successor: string): Promise<boolean> {
    const { threads } = this.parts;
    threads.hide(old.threadId);
    if ((await this.#mayGo(old, successor)) && (await this.#delete(old.threadId)) === null) return true;
    threads.reveal(old.threadId);
    await threads.refresh();
    return false;
  }

  async #mayGo(old: Conversation, successor: string): Promise<boolean> {
    const { call, check, read } = this.parts;
    try {
      await call((token) => check(token, successor));
      const { messages } = await call((token) => read(token, old.threadId, null));
      return holdsAll(old.toStored(), messages);
    } catch {
      return false;
    }
  }

  /** Deletes a thread that nobody is to see, now or when the page comes up again. */
  async sweep(threadId: string): Promise<void> {
    const { threads, provisional } = this.parts;
    threads.hide(threadId);
    provisional.add(threadId);
    if ((await this.#delete(threadId)) === null) provisional.remove(threadId);
  }

  /** Deletes what is on its way to be replaced or to replace: now that the page goes away, or comes up again. */
  sweepLeft(): void {
    for (const threadId of this.parts.provisional.all()) void this.sweep(threadId);
  }

  async #delete(threadId: string): Promise<Failure | null> {
    try {
      await this.parts.call((token) => this.parts.delete(token, threadId));
      this.parts.onListChanged();
      return null;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return error.isMissing ? null : error.failure;
    }
  }
}
