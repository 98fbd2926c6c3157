import { duration } from '../lib/duration.ts';
import type { Failure } from './failure.ts';

/** Why and how long nothing is sent at the moment. */
export interface Pause {
  readonly failure: Failure;
  /** A countdown is watched; a pause without one is short. */
  readonly counts: boolean;
  /** Whole seconds that are left. */
  readonly secondsLeft: number;
}

const TICK_MS = 250;

/** Ends after `seconds`, or at once when aborted; by the clock, since timers are late in a tab nobody looks at. */
export function waitFor(seconds: number, signal: AbortSignal, onSecond: (left: number) => void): Promise<void> {
  const end = Date.now() + seconds * 1000;
  let shown = 0;
  return new Promise((resolve) => {
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (signal.aborted || left <= 0) return finish();
      if (left !== shown) onSecond((shown = left));
      timer = setTimeout(tick, Math.min(TICK_MS, end - Date.now()));
    };
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    signal.addEventListener('abort', finish);
    tick();
  });
}

export function describePause({ failure, counts, secondsLeft }: Pause): string {
  const reason = failure.message.replace(/[.!?]?$/, '.');
  return counts ? `${reason} Trying again in ${duration(secondsLeft)}.` : 'No answer yet. Trying again…';
}
