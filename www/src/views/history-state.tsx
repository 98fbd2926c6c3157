import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Failure } from '../net/failure.ts';
import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';
import { RetryIcon, WarningIcon } from './icons.tsx';
import { RouteLink } from './route-link.tsx';

/** While the messages of a thread are on their way; nothing to see when they come at once. */
export function HistoryLoading() {
  return (
    <div class="history-loading">
      <p class="visually-hidden">Loading the conversation</p>
      <div class="placeholder is-prompt" />
      <div class="placeholder" />
      <div class="placeholder" />
      <div class="placeholder is-short" />
    </div>
  );
}

export function HistoryFailed({ failure }: { failure: Failure }) {
  const { chat } = useApp();
  const retry = () => {
    chat.reload();
    focusComposer();
  };
  return (
    <div class="notice reply-notice history-failed" role="alert">
      <WarningIcon />
      <p>The conversation could not be loaded. {failure.message}</p>
      <button type="button" class="outline-button" onClick={retry}>
        <RetryIcon />
        Retry
      </button>
    </div>
  );
}

export function NotFound() {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <div class="empty not-found">
      <h2 ref={heading} tabIndex={-1}>
        Conversation not found
      </h2>
      <p>It has been deleted, or it belongs to somebody else.</p>
      <RouteLink to="/" class="primary-button">
        Start a new chat
      </RouteLink>
    </div>
  );
}
