import { clientFor } from './gateway.ts';
import type { Token } from './token.ts';

export interface DayUsage {
  readonly tokens: number;
  /** Null where the gateway does not count them for users to see. */
  readonly requests: number | null;
  /** What the tier allows in a day, where the gateway says so. */
  readonly tokensAllowed: number | null;
  readonly requestsAllowed: number | null;
}

const TIMEOUT_MS = 10_000;

/** What the user has used since the day began (UTC, as the gateway counts). Null where the gateway offers no usage. */
export async function readUsageToday(token: Token, now = new Date()): Promise<DayUsage | null> {
  const from = now.toISOString().slice(0, 10);
  const [usage, billing] = await Promise.all([
    read(token, '/usage', { from, granularity: 'day' }),
    read(token, '/billing/usage', { from }).catch(() => null),
  ]);
  const tokens = countAt(usage, 'totals', 'tokens');
  if (tokens === null) return null;
  return {
    tokens,
    requests: countAt(billing, 'platform', 'requests'),
    tokensAllowed: countAt(usage, 'limits', 'tokens_per_day'),
    requestsAllowed: countAt(usage, 'limits', 'requests_per_day'),
  };
}

async function read(token: Token, path: string, query: Record<string, string>): Promise<unknown> {
  const client = clientFor(token);
  try {
    return await client.get<unknown>(path, { query, timeout: TIMEOUT_MS });
  } catch (error) {
    if ((error as { status?: unknown }).status === 404) return null;
    throw error;
  }
}

export function countAt(value: unknown, group: string, name: string): number | null {
  const count = (value as Record<string, Record<string, unknown> | undefined> | null)?.[group]?.[name];
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : null;
}
