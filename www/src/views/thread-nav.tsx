import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Thread } from '../net/threads.ts';
import { threadRoute } from '../state/routes.ts';
import { groupByDay } from '../state/thread-days.ts';
import { useApp } from './app-context.ts';
import { RetryIcon, TrashIcon } from './icons.tsx';
import { passOnFocus } from './pass-on-focus.ts';
import { RouteLink } from './route-link.tsx';

export const UNTITLED = 'Untitled conversation';

/** The list of conversations, newest first; more of it comes as one scrolls. */
export function ThreadNav({ onChosen }: { onChosen?: () => void }) {
  const { threads } = useApp();
  const scroller = useRef<HTMLElement>(null);
  const groups = groupByDay(threads.shown.value, new Date());
  return (
    <nav ref={scroller} class="thread-nav" aria-label="Conversations" aria-busy={threads.isLoading.value}>
      {groups.map(({ label, threads: within }) => (
        <section key={label} class="thread-group">
          <h2>{label}</h2>
          <ul>
            {within.map((thread) => (
              <ThreadItem key={thread.id} thread={thread} onChosen={onChosen} />
            ))}
          </ul>
        </section>
      ))}
      {groups.length === 0 && threads.hasLoaded.value && <p class="thread-note">Your conversations will be listed here.</p>}
      {groups.length === 0 && !threads.hasLoaded.value && !threads.failure.value && <Placeholders />}
      <EndOfList scroller={scroller} />
    </nav>
  );
}

function ThreadItem({ thread, onChosen }: { thread: Thread; onChosen: (() => void) | undefined }) {
  const { chat, panels } = useApp();
  const isCurrent = chat.conversation.value.threadId === thread.id;
  const isRunning = chat.running.value.has(thread.id);
  const title = thread.title || UNTITLED;
  return (
    <li class={isCurrent ? 'thread is-current' : 'thread'}>
      <RouteLink to={threadRoute(thread.id)} class="thread-link" isCurrent={isCurrent} title={title} onFollow={onChosen}>
        <span class="thread-title" dir="auto">{title}</span>
        {isRunning && (
          <span class="thread-running">
            <span class="visually-hidden">, being answered</span>
          </span>
        )}
      </RouteLink>
      <button
        type="button"
        class="thread-delete"
        aria-label="Delete conversation"
        aria-description={title}
        title="Delete conversation"
        onClick={() => (panels.deleting.value = thread)}
      >
        <TrashIcon />
      </button>
    </li>
  );
}

function EndOfList({ scroller }: { scroller: RefObject<HTMLElement | null> }) {
  const { threads } = useApp();
  const end = useRef<HTMLDivElement>(null);
  const hasMore = threads.hasMore.value;
  const failure = threads.failure.value;

  useEffect(() => {
    if (!hasMore || failure) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void threads.loadMore();
      },
      { root: scroller.current, rootMargin: '200px' },
    );
    observer.observe(end.current!);
    return () => observer.disconnect();
  }, [hasMore, failure, threads.threads.value.length]);

  const load = () => {
    const loading = threads.hasLoaded.peek() && threads.hasMore.peek() ? threads.loadMore() : threads.refresh();
    const lastLink = () => [...scroller.current!.querySelectorAll<HTMLElement>('.thread-link')].at(-1);
    void passOnFocus(loading, () => end.current?.querySelector('button') ?? lastLink());
  };
  return (
    <div ref={end} class="thread-end">
      {failure && (
        <>
          <p class="thread-note" role="alert">
            The conversations could not be loaded.
          </p>
          <button type="button" class="outline-button" onClick={load}>
            <RetryIcon />
            Retry
          </button>
        </>
      )}
      {!failure && hasMore && (
        <button type="button" class="quiet-button" aria-disabled={threads.isLoading.value} onClick={load}>
          More
        </button>
      )}
    </div>
  );
}

function Placeholders() {
  return (
    <div class="placeholders" aria-hidden="true">
      {[70, 85, 55, 78].map((width) => (
        <div key={width} class="placeholder" style={{ inlineSize: `${width}%` }} />
      ))}
    </div>
  );
}
