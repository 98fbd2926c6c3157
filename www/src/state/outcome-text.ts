import type { Outcome } from '../net/reply.ts';

const FAILED = 'The new reply failed';

/** How a reply ended, for the status line. */
export function settledText(outcome: Outcome): string {
  switch (outcome.end) {
    case 'complete':
      return 'Reply finished';
    case 'stopped':
      return 'Reply stopped';
    case 'incomplete':
      return `Reply incomplete. ${outcome.failure?.message ?? ''}`;
    case 'failed':
      return `Reply failed. ${outcome.failure.message}`;
  }
}

/** The same of a reply that was to replace another one. */
export function replacedText({ end }: Outcome, isAdopted: boolean): string {
  if (isAdopted) return end === 'stopped' ? 'New reply stopped' : 'New reply finished';
  const what = { complete: 'The new reply was empty', stopped: 'New reply stopped', incomplete: FAILED, failed: FAILED }[end];
  return `${what}. The old one stays.`;
}
