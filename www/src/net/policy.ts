import type { Failure } from './failure.ts';

/** How far a request had come when it failed. */
export interface Progress {
  /** A new token has been minted because of a 401 already. */
  readonly refreshed: boolean;
  /** Some of the reply has arrived. */
  readonly received: boolean;
  /** The mint itself failed, not the gateway. */
  readonly minting: boolean;
  /** How often there was a 5xx or no answer, this time included. */
  readonly outages: number;
  /** A 429 has been waited for already. */
  readonly waited: boolean;
}

export type Step = 'refresh' | 'repeat' | 'wait' | 'sign-in' | 'sign-out' | 'show';

/** At most so many requests in all when a service has a problem or does not answer. */
export const MAX_REQUESTS = 3;

/** Nobody watches a countdown longer than this. */
export const MAX_COUNTDOWN_SECONDS = 300;

/** What a 429 that names no time is taken to mean. */
const DEFAULT_WAIT_SECONDS = 5;

const FIRST_PAUSE_SECONDS = 0.7;

/** What to do about a failure. Once the first piece has arrived nothing is ever repeated. */
export function nextStep(failure: Failure, progress: Progress): Step {
  if (progress.received) return 'show';
  switch (failure.kind) {
    case 'unauthorized':
      return progress.minting || progress.refreshed ? 'sign-in' : 'refresh';
    case 'forbidden':
      return 'sign-out';
    case 'rateLimited':
      return progress.waited || waitSeconds(failure) > MAX_COUNTDOWN_SECONDS ? 'show' : 'wait';
    default:
      return isOutage(failure) && progress.outages < MAX_REQUESTS && !isLong(failure) ? 'repeat' : 'show';
  }
}

/** A 5xx, or no answer at all. */
export function isOutage({ kind, status }: Failure): boolean {
  return kind === 'unreachable' || kind === 'offline' || (status !== null && status >= 500);
}

/** How long a 429 is waited for. */
export function waitSeconds(failure: Failure): number {
  return Math.max(1, failure.retryAfter ?? DEFAULT_WAIT_SECONDS);
}

/** The pause before the next request after so many outages; it grows, and is not the same for everybody. */
export function pauseSeconds(failure: Failure, outages: number, random: () => number = Math.random): number {
  const growing = FIRST_PAUSE_SECONDS * 3 ** (outages - 1) * (0.8 + 0.4 * random());
  return Math.max(growing, failure.retryAfter ?? 0);
}

const MAX_PAUSE_SECONDS = 10;

function isLong({ retryAfter }: Failure): boolean {
  return retryAfter !== null && retryAfter > MAX_PAUSE_SECONDS;
}
