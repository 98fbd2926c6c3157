import { duration } from '../lib/duration.ts';
import type { Failure } from '../net/failure.ts';
import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';
import { RetryIcon, WarningIcon } from './icons.tsx';
import { OperatorHelp } from './operator-help.tsx';
import { UpgradePrompt } from './upgrade-prompt.tsx';
import type { Message } from '../state/message.ts';

/** Under a reply that did not end as it should: what happened, and a way on. */
export function FailureNotice({ message, canRetry }: { message: Message; canRetry: boolean }) {
  const { chat } = useApp();
  const state = message.state.value;
  const failure = message.failure.value;
  if (state === 'stopped') return <p class="reply-note">Stopped</p>;
  if (state !== 'incomplete' && state !== 'failed') return null;

  const retry = () => {
    chat.retry(message);
    focusComposer();
  };
  return (
    <div class="notice reply-notice">
      <WarningIcon />
      <p>
        {failure ? describe(failure) : 'The reply ended before it was complete.'}
        {chat.examined.value === message && <span class="examining"> Finding out why…</span>}
      </p>
      {failure?.kind === 'quota' && canRetry && <UpgradePrompt failure={failure} />}
      {canRetry && failure?.kind !== 'quota' && (
        <button type="button" class="outline-button" onClick={retry}>
          <RetryIcon />
          Retry
        </button>
      )}
      {failure?.diagnosis && canRetry && <OperatorHelp diagnosis={failure.diagnosis} />}
      {failure && isForOperators(failure) && (
        <p class="trace">
          Trace <code>{failure.traceId}</code>
        </p>
      )}
    </div>
  );
}

/** Whether the gateway's log says more of it, which the trace id leads to. */
function isForOperators({ kind, traceId }: Failure): boolean {
  return traceId !== null && (kind === 'server' || kind === 'invalid' || kind === 'notFound');
}

/** A longer one is no time that anybody waits. */
const MAX_WAIT_SECONDS = 30 * 86_400;

function describe(failure: Failure): string {
  const isWorthSaying = failure.retryAfter !== null && failure.retryAfter > 0 && failure.retryAfter < MAX_WAIT_SECONDS;
  if (failure.kind !== 'rateLimited' || !isWorthSaying) return failure.message;
  return `${failure.message.replace(/[.!?]?$/, '.')} Try again in ${duration(failure.retryAfter!)}.`;
}
