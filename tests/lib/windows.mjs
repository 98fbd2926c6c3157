// Limits count in windows that begin at the multiples of their length: what falls into two of them is not refused.
import { sleep } from './program.mjs';

export const MINUTE = 60_000;

/** Resolves when the window of now has `needMs` left. */
export async function roomInWindow(windowMs, needMs) {
  const leftMs = windowMs - (Date.now() % windowMs);
  if (leftMs < needMs) await sleep(leftMs + 10);
}
