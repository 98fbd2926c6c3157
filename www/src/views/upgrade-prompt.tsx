import type { Failure } from '../net/failure.ts';
import { quotaFacts, type QuotaFacts } from '../net/quota.ts';
import { useApp } from './app-context.ts';

/** What is used up, as far as the gateway says, and where to get more. */
export function UpgradePrompt({ failure }: { failure: Failure }) {
  const { site } = useApp();
  const url = site.upgradeUrl.value;
  const rows = describe(quotaFacts(failure.details));
  return (
    <section class="upgrade-prompt" aria-label="Upgrade">
      {rows.length > 0 && (
        <dl>
          {rows.map(([term, text]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {url && (
        <a class="primary-button" href={url} target="_blank" rel="noopener">
          Upgrade
        </a>
      )}
    </section>
  );
}

function describe({ tier, used, limit, unit, resetsAt }: QuotaFacts): [string, string][] {
  const rows: [string, string][] = [];
  const amount = (count: number) => `${count.toLocaleString()}${unit ? ` ${count === 1 ? unit.slice(0, -1) : unit}` : ''}`;
  if (tier !== null) rows.push(['Tier', String(tier)]);
  if (used !== null) rows.push(['Used', amount(used)]);
  if (limit !== null) rows.push(['Limit', `${amount(limit)}${unit ? ' a day' : ''}`]);
  if (resetsAt) rows.push(['Again from', resetsAt.toLocaleString(undefined, { weekday: 'long', hour: '2-digit', minute: '2-digit' })]);
  return rows;
}
