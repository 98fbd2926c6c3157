import { computed, signal } from '@preact/signals';
import type { Failure } from '../net/failure.ts';
import { CallError, type Call } from '../net/authorized.ts';
import type { Thread } from '../net/threads.ts';
import type { Token } from '../net/token.ts';
import { withNewest, withOlder } from './thread-pages.ts';

export type ListThreads = (token: Token, limit: number, after: Thread | null) => Promise<Thread[]>;

export interface ThreadListParts {
  readonly call: Call;
  readonly list: ListThreads;
  /** What this browser remembers of the gateway, whoever is signed in. */
  readonly memory: { load(): boolean | null; save(isKept: boolean): void };
}

export const FIRST_PAGE = 50;
const FURTHER_PAGE = 200;

/** The user's threads as far as they are loaded, newest first. */
export class ThreadList {
  /** Whether the gateway keeps threads; null while that is not known. */
  readonly isKept;
  readonly threads = signal<readonly Thread[]>([]);
  readonly isLoading = signal(false);
  readonly hasLoaded = signal(false);
  readonly hasMore = signal(false);
  readonly failure = signal<Failure | null>(null);
  readonly #hidden = signal<ReadonlySet<string>>(new Set());
  readonly shown = computed(() => this.threads.value.filter(({ id }) => !this.#hidden.value.has(id)));
  /** Threads with a message on its way, which the gateway need not know yet. */
  readonly #fresh = new Set<string>();
  /** Threads that are no more, and how many questions had been asked by then, whose answers may still have them. */
  readonly #removed = new Map<string, number>();
  #generation = 0;
  #asked = 0;
  /** The newest refresh whose answer has been taken. */
  #taken = 0;
  #pending: Promise<unknown> | null = null;

  constructor(private readonly parts: ThreadListParts) {
    this.isKept = signal(parts.memory.load());
  }

  /** The newest threads; what is older stays as it was loaded. */
  async refresh(): Promise<void> {
    const number = ++this.#asked;
    const page = await this.#load(FIRST_PAGE, null);
    if (!page || number < this.#taken) return;
    this.#taken = number;
    const isWhole = page.length < FIRST_PAGE;
    const left = this.#left(page, number);
    this.threads.value = withNewest(this.threads.peek(), left, isWhole, this.#fresh);
    const hasOlder = this.threads.peek().at(-1)?.id !== left.at(-1)?.id;
    if (!hasOlder) this.hasMore.value = !isWhole;
    this.hasLoaded.value = true;
  }

  /** The newest threads once more, unless the gateway is known to keep none. */
  renew(): void {
    if (this.isKept.peek() !== false) void this.refresh();
  }

  /** Whether the gateway keeps threads, which it is asked when that is not known. */
  async askWhetherKept(): Promise<boolean> {
    if (this.isKept.peek() === null) await this.refresh();
    return this.isKept.peek() === true;
  }

  async loadMore(): Promise<void> {
    const last = this.threads.peek().at(-1);
    if (!last || !this.hasMore.peek() || this.isLoading.peek()) return;
    const number = ++this.#asked;
    const page = await this.#load(FURTHER_PAGE, last);
    if (!page) return;
    const before = this.threads.peek();
    this.threads.value = withOlder(before, this.#left(page, number));
    this.hasMore.value = page.length === FURTHER_PAGE && this.threads.peek().length > before.length;
  }

  /** Until there are so many, or all, to search. */
  async loadUpTo(count: number): Promise<void> {
    while (this.hasMore.peek() && this.threads.peek().length < count) {
      await (this.#pending ?? this.loadMore());
      if (this.failure.peek()) return;
    }
  }

  /** A message was sent in a thread, perhaps its first. */
  touch(id: string, title: string): void {
    const known = this.threads.peek().find((thread) => thread.id === id);
    this.#fresh.add(id);
    this.threads.value = [{ id, title: known?.title || title, lastMessageAt: Date.now() }, ...this.#others(id)];
  }

  /** The message has been answered, or never will be. */
  settle(id: string): void {
    this.#fresh.delete(id);
  }

  remove(id: string): void {
    this.#fresh.delete(id);
    this.#removed.set(id, this.#asked);
    this.threads.value = this.#others(id);
  }

  /** A thread that is not to be seen yet. */
  hide(id: string): void {
    this.#hidden.value = new Set([...this.#hidden.peek(), id]);
  }

  reveal(id: string): void {
    this.#hidden.value = new Set([...this.#hidden.peek()].filter((hidden) => hidden !== id));
  }

  clear(): void {
    this.#generation++;
    this.#pending = null;
    this.#fresh.clear();
    this.#removed.clear();
    this.threads.value = [];
    this.#hidden.value = new Set();
    this.isLoading.value = this.hasLoaded.value = this.hasMore.value = false;
    this.failure.value = null;
  }

  /** A page without what was removed after it had been asked for. */
  #left(page: readonly Thread[], number: number): Thread[] {
    return page.filter(({ id }) => (this.#removed.get(id) ?? 0) < number);
  }

  #others(id: string): Thread[] {
    return this.threads.peek().filter((thread) => thread.id !== id);
  }

  /** One page; null when it did not come, or nobody waits for it any more. */
  #load(limit: number, after: Thread | null): Promise<Thread[] | null> {
    this.failure.value = null;
    this.isLoading.value = true;
    const pending = this.#fetch(limit, after).finally(() => {
      if (pending !== this.#pending) return;
      this.#pending = null;
      this.isLoading.value = false;
    });
    this.#pending = pending;
    return pending;
  }

  async #fetch(limit: number, after: Thread | null): Promise<Thread[] | null> {
    const generation = this.#generation;
    try {
      const page = await this.parts.call((token) => this.parts.list(token, limit, after));
      if (generation !== this.#generation) return null;
      this.#learn(true);
      return page;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (generation !== this.#generation) return null;
      // That there is no such page says nothing of whether there is a list.
      if (error.isMissing && after === null) this.#learn(false);
      else this.failure.value = error.failure;
      return null;
    }
  }

  #learn(isKept: boolean): void {
    this.isKept.value = isKept;
    this.parts.memory.save(isKept);
  }
}
