/** What a gateway names when a quota is used up; each may be missing. */
export interface QuotaFacts {
  readonly tier: number | string | null;
  readonly used: number | null;
  readonly limit: number | null;
  readonly unit: 'tokens' | 'requests' | null;
  readonly resetsAt: Date | null;
}

/** Reads `error.details` of a 402. */
export function quotaFacts(details: Readonly<Record<string, unknown>> | null): QuotaFacts {
  const { tier, used, usage, limit, kind, resets_at: resetsAt } = details ?? {};
  return {
    tier: count(tier) ?? (typeof tier === 'string' && tier !== '' ? tier.slice(0, 40) : null),
    used: count(used) ?? count(usage),
    limit: count(limit),
    unit: unitOf(kind),
    resetsAt: date(resetsAt),
  };
}

function count(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null;
}

function unitOf(kind: unknown): QuotaFacts['unit'] {
  const unit = String(kind).split('_')[0];
  return unit === 'tokens' || unit === 'requests' ? unit : null;
}

function date(value: unknown): Date | null {
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? null : new Date(ms);
}
