const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** In the largest unit that says it well enough: "1 second", "90 seconds", "3 minutes", "25 hours". Rounded up. */
export function duration(seconds: number): string {
  for (const [unit, length] of UNITS) {
    if (seconds <= 2 * length && length > 1) continue;
    const count = Math.ceil(seconds / length);
    return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return '0 seconds';
}
