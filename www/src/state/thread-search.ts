import type { Thread } from '../net/threads.ts';

export const MAX_FOUND = 50;

/** The threads whose titles have all the words, those that begin with the first of them in front, else as they were. */
export function findThreads(threads: readonly Thread[], query: string): Thread[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  const found = threads.map((thread) => ({ thread, rank: rankOf(folded(thread.title), words) })).filter(({ rank }) => rank !== null);
  return found
    .sort((a, b) => a.rank! - b.rank!)
    .slice(0, MAX_FOUND)
    .map(({ thread }) => thread);
}

function rankOf(title: string, words: readonly string[]): number | null {
  if (!words.every((word) => title.includes(word))) return null;
  const beginsWord = (word: string) => title.startsWith(word) || title.includes(` ${word}`);
  if (words[0] === undefined || title.startsWith(words[0])) return 0;
  return words.every(beginsWord) ? 1 : 2;
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{Diacritic}/gu, '').toLowerCase();
}
