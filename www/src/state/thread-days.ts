import type { Thread } from '../net/threads.ts';

export interface ThreadGroup {
  readonly label: string;
  readonly threads: readonly Thread[];
}

/** Threads under the days of their last messages, as they look from `now`; the order stays as it is. */
export function groupByDay(threads: readonly Thread[], now: Date): ThreadGroup[] {
  const groups: { label: string; threads: Thread[] }[] = [];
  for (const thread of threads) {
    const label = labelOf(thread.lastMessageAt, now);
    const last = groups.at(-1);
    if (last?.label === label) last.threads.push(thread);
    else groups.push({ label, threads: [thread] });
  }
  return groups;
}

function labelOf(time: number | null, now: Date): string {
  if (time === null) return 'Earlier';
  if (time >= startOfDay(now, 0)) return 'Today';
  if (time >= startOfDay(now, 1)) return 'Yesterday';
  if (time >= startOfDay(now, 7)) return 'Last 7 days';
  if (time >= startOfDay(now, 30)) return 'Last 30 days';
  return 'Earlier';
}

function startOfDay(now: Date, daysBefore: number): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysBefore).getTime();
}
