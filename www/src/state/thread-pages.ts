import type { Thread } from '../net/threads.ts';

/**
 * The list once its newest page has come anew. What is older stays as it was loaded; the threads in `fresh`, which the
 * gateway need not know yet, stay in front.
 */
export function withNewest(known: readonly Thread[], page: readonly Thread[], isWhole: boolean, fresh: ReadonlySet<string>): Thread[] {
  const oldest = page.at(-1)?.lastMessageAt ?? null;
  const others = without(known, page);
  const inFront = others.filter(({ id }) => fresh.has(id));
  const older = isWhole ? [] : others.filter(({ id, lastMessageAt }) => !fresh.has(id) && isOlder(lastMessageAt, oldest));
  return [...inFront, ...page, ...older];
}

/** The list once a page of older threads has come. */
export function withOlder(known: readonly Thread[], page: readonly Thread[]): Thread[] {
  return [...known, ...without(page, known)];
}

function without(threads: readonly Thread[], others: readonly Thread[]): Thread[] {
  const ids = new Set(others.map(({ id }) => id));
  return threads.filter(({ id }) => !ids.has(id));
}

function isOlder(time: number | null, than: number | null): boolean {
  return time === null || than === null || time <= than;
}
