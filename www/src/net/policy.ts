import type { Failure } from './failure.ts';

/** How far a request had come when it failed. */
export interface Progress {
  /** A new token has been minted because of a 401 already. */
  readonly refreshed: boolean;
  /** Some of the reply has arrived. */
  readonly received: boolean;
  /** The mint itself failed, not the gateway. */
  readonly minting: boolean;
}

export type Step = 'refresh' | 'sign-in' | 'sign-out' | 'show';

/** What to do about a failure. Repeating on other failures has its place here. */
export function nextStep(failure: Failure, progress: Progress): Step {
  if (progress.received) return 'show';
  if (failure.kind === 'unauthorized') return progress.minting || progress.refreshed ? 'sign-in' : 'refresh';
  if (failure.kind === 'forbidden') return 'sign-out';
  return 'show';
}
