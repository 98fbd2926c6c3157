import { effect } from '@preact/signals';
import type { Session } from './session.ts';

const INTERVAL_MS = 30_000;

/** Keeps the session alive while somebody is signed in and looking. */
export function keepAlive(session: Session): void {
  let last = Date.now();
  const beat = () => {
    if (document.hidden || Date.now() - last < INTERVAL_MS - 1000) return;
    last = Date.now();
    void session.heartbeat();
  };
  effect(() => {
    if (session.phase.value !== 'signedIn') return undefined;
    last = Date.now();
    const timer = setInterval(beat, INTERVAL_MS);
    document.addEventListener('visibilitychange', beat);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', beat);
    };
  });
}
