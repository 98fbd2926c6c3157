/** Seconds named by a Retry-After header (a number or an HTTP date), or null. */
export function retryAfterSeconds(value: string | null | undefined, now = Date.now()): number | null {
  if (!value) return null;
  const isNumber = /^\s*-?\d+(\.\d+)?\s*$/.test(value);
  const seconds = Math.ceil(isNumber ? Number(value) : (Date.parse(value) - now) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
