import type { Area } from '../storage/area.ts';

/**
 * The threads of this tab that are no conversations: replacements on their way, and those that came to nothing. Should the page
 * be reloaded meanwhile, they are still known afterwards.
 */
export class Provisional {
  readonly #key: string;

  constructor(
    private readonly area: Area,
    scope: string,
  ) {
    this.#key = `chat:${scope}:provisional`;
  }

  add(threadId: string): void {
    this.#set([...new Set([...this.all(), threadId])]);
  }

  remove(threadId: string): void {
    this.#set(this.all().filter((id) => id !== threadId));
  }

  all(): string[] {
    return (this.area.get(this.#key) ?? '').split(' ').filter(Boolean);
  }

  clear(): void {
    this.area.remove(this.#key);
  }

  #set(threadIds: readonly string[]): void {
    if (threadIds.length === 0) this.clear();
    else this.area.set(this.#key, threadIds.join(' '));
  }
}
