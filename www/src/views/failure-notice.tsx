import { useApp } from '../app.ts';
import type { Failure } from '../net/failure.ts';
import type { Message } from '../state/conversation.ts';
import { focusComposer } from './composer.tsx';
import { RetryIcon, WarningIcon } from './icons.tsx';
import { OperatorHelp } from './operator-help.tsx';

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
      {failure?.kind === 'quota' && <UpgradeLink />}
      {canRetry && failure?.kind !== 'quota' && (
        <button type="button" class="outline-button" onClick={retry}>
          <RetryIcon />
          Retry
        </button>
      )}
      {failure?.diagnosis && canRetry && <OperatorHelp diagnosis={failure.diagnosis} />}
    </div>
  );
}

function UpgradeLink() {
  const { session } = useApp();
  const url = session.upgradeUrl.value;
  if (!url) return null;
  return (
    <a class="outline-button" href={url} target="_blank" rel="noopener">
      Upgrade
    </a>
  );
}

function describe(failure: Failure): string {
  if (failure.kind !== 'rateLimited' || failure.retryAfter === null) return failure.message;
  const seconds = failure.retryAfter === 1 ? '1 second' : `${failure.retryAfter} seconds`;
  return `${failure.message.replace(/[.!?]?$/, '.')} Try again in ${seconds}.`;
}
