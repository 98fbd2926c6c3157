import { useEffect, useId, useRef } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { GaugeIcon } from './icons.tsx';
import { passOnFocus } from './pass-on-focus.ts';

/** What was used today; there is nothing of it where the gateway does not tell. */
export function UsagePanel() {
  const { usage } = useApp();
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = usage.isOpen.value;
  useEffect(() => {
    if (!isOpen) return undefined;
    const closeOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) usage.isOpen.value = false;
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, [isOpen]);
  if (usage.today.value === null) return null;
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.preventDefault();
    usage.isOpen.value = false;
    button.current?.focus();
  };
  const closeOnLeave = (event: FocusEvent) => {
    const to = event.relatedTarget;
    if (to instanceof Node && !(event.currentTarget as Element).contains(to)) usage.isOpen.value = false;
  };
  return (
    <div ref={root} class="usage" onKeyDown={closeOnEscape} onFocusOut={closeOnLeave}>
      <button
        ref={button}
        type="button"
        class="bar-button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => (usage.isOpen.value = !isOpen)}
      >
        <GaugeIcon />
        <span class="bar-label">Usage</span>
      </button>
      <div id={id} class="usage-panel" hidden={!isOpen}>
        <Figures />
        <Problem />
      </div>
    </div>
  );
}

function Figures() {
  const { usage } = useApp();
  const today = usage.today.value;
  return (
    <>
      <h2>Today</h2>
      <dl>
        {today && <Figure name="Tokens" used={today.tokens} allowed={today.tokensAllowed} />}
        {today && today.requests !== null && <Figure name="Requests" used={today.requests} allowed={today.requestsAllowed} />}
        {usage.tier.value !== null && (
          <div>
            <dt>Tier</dt>
            <dd>{usage.tier.value}</dd>
          </div>
        )}
      </dl>
      <p class="usage-note">The day begins at 00:00 UTC.</p>
    </>
  );
}

function Figure({ name, used, allowed }: { name: string; used: number; allowed: number | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {used.toLocaleString()}
        {allowed !== null && <span class="usage-allowed"> of {allowed.toLocaleString()}</span>}
      </dd>
    </div>
  );
}

function Problem() {
  const { usage } = useApp();
  if (!usage.hasFailed.value) return null;
  const retry = (event: MouseEvent) => {
    const panel = (event.currentTarget as Element).closest('.usage');
    void passOnFocus(usage.refresh(), () => panel?.querySelector('button'));
  };
  return (
    <p class="usage-problem">
      This may be out of date.
      <button type="button" class="quiet-button" onClick={retry}>
        Retry
      </button>
    </p>
  );
}
