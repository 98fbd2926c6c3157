import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Thread } from '../net/threads.ts';
import { threadRoute } from '../state/routes.ts';
import { findThreads } from '../state/thread-search.ts';
import { useApp } from './app-context.ts';
import { SearchIcon } from './icons.tsx';
import { Modal } from './modal.tsx';
import { isComposing } from './send-key.ts';
import { UNTITLED } from './thread-nav.tsx';

const SEARCHED_AT_ONCE = 2000;

/** Finds a conversation by its title; the focus stays in the box while the arrows go through what was found. */
export function ThreadFinder() {
  const { panels, router, threads } = useApp();
  const query = useSignal('');
  const active = useSignal(0);
  const searched = useSignal(SEARCHED_AT_ONCE);
  const found = useComputed(() => findThreads(threads.shown.value, query.value));
  const list = useRef<HTMLUListElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const index = Math.min(active.value, found.value.length - 1);

  useEffect(() => void threads.loadUpTo(searched.value), [searched.value]);
  useEffect(() => {
    list.current?.children[index]?.scrollIntoView({ block: 'nearest' });
  }, [index, found.value]);

  const close = () => (panels.isFinderOpen.value = false);
  const choose = (thread: Thread | undefined) => {
    if (!thread) return;
    panels.closeAll();
    router.go(threadRoute(thread.id));
  };
  const searchMore = () => {
    searched.value = threads.threads.peek().length + SEARCHED_AT_ONCE;
    input.current?.focus();
  };
  const keyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = found.value.length;
    if (step && count > 0) active.value = (index + step + count) % count;
    else if (event.key === 'Enter') choose(found.value[index]);
    else return;
    event.preventDefault();
  };

  return (
    <Modal class="finder" label="Find conversation" onClose={close}>
      <div class="finder-field">
        <SearchIcon />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label="Title of the conversation"
          aria-expanded={found.value.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={index >= 0 ? `${id}-${index}` : undefined}
          placeholder="Find by title"
          autocomplete="off"
          spellcheck={false}
          autofocus
          onInput={(event) => {
            query.value = event.currentTarget.value;
            active.value = 0;
          }}
          onKeyDown={keyDown}
        />
        <button type="button" class="quiet-button" onClick={close}>
          Close
        </button>
      </div>
      <ul ref={list} id={`${id}-list`} class="finder-list" role="listbox" aria-label="Conversations found">
        {found.value.map((thread, position) => (
          <li
            key={thread.id}
            id={`${id}-${position}`}
            role="option"
            aria-selected={position === index}
            onMouseMove={() => (active.value = position)}
            onClick={() => choose(thread)}
          >
            <span dir="auto">{thread.title || UNTITLED}</span>
            {thread.lastMessageAt !== null && <time aria-hidden="true">{dateOf(thread.lastMessageAt)}</time>}
          </li>
        ))}
      </ul>
      <p class="finder-note" role="status">
        {noteOf(found.value.length, threads.isLoading.value, query.value)}
      </p>
      {threads.hasMore.value && !threads.isLoading.value && <OlderOnes onMore={searchMore} />}
    </Modal>
  );
}

/** Titles are searched here, so many at a time. */
function OlderOnes({ onMore }: { onMore: () => void }) {
  const { threads } = useApp();
  const count = threads.threads.value.length;
  return (
    <div class="finder-older">
      <p>The newest {count.toLocaleString()} were searched.</p>
      <button type="button" class="quiet-button" onClick={onMore}>
        Search older ones
      </button>
    </div>
  );
}

function noteOf(count: number, isLoading: boolean, query: string): string {
  if (isLoading) return 'Loading older conversations…';
  if (count > 0) return '';
  return query.trim() === '' ? 'There are no conversations yet.' : 'No title has these words.';
}

function dateOf(time: number): string {
  return new Date(time).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
