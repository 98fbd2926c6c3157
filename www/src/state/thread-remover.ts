import { CallError, type Call } from '../net/authorized.ts';
import type { Failure } from '../net/failure.ts';
import type { Token } from '../net/token.ts';
import type { Provisional } from './provisional.ts';
import type { ThreadList } from './thread-list.ts';

export type AskThread = (token: Token, threadId: string) => Promise<void>;

export interface ThreadRemoverParts {
  readonly call: Call;
  /** Rejects when the gateway does not have the thread. */
  readonly check: AskThread;
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

  /** Deletes a thread that another one stands for now; should the gateway not have that one, the old one stays.
   * Resolves to whether it was replaced. */
  async replace(threadId: string, successor: string): Promise<boolean> {
    const { call, check, threads } = this.parts;
    threads.hide(threadId);
    const isThere = await call((token) => check(token, successor)).then(() => true, () => false);
    if (isThere) {
      await this.sweep(threadId);
      return true;
    }
    threads.reveal(threadId);
    await threads.refresh();
    return false;
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
