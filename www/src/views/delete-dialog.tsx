import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Thread } from '../net/threads.ts';
import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';
import { Modal } from './modal.tsx';
import { UNTITLED } from './thread-nav.tsx';

export function DeleteDialog({ thread }: { thread: Thread }) {
  const { chat, panels } = useApp();
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const id = useId();
  const close = () => (panels.deleting.value = null);

  const remove = async () => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    const place = linkIndex(thread.id);
    const failure = await chat.deleteThread(thread.id);
    isBusy.value = false;
    if (failure) {
      problem.value = `The conversation is still there. ${failure.message}`;
      return;
    }
    close();
    // The button that asked is gone with its conversation.
    requestAnimationFrame(() => focusLink(place));
  };

  return (
    <Modal class="dialog" role="alertdialog" labelledBy={`${id}-title`} describedBy={`${id}-text`} onClose={close}>
      <h2 id={`${id}-title`}>Delete this conversation?</h2>
      <p id={`${id}-text`}>
        <b class="dialog-subject">{thread.title || UNTITLED}</b> and all of its messages will be gone for good.
      </p>
      {problem.value && (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="outline-button" autofocus onClick={close}>
          Cancel
        </button>
        <button type="button" class="danger-button" aria-disabled={isBusy.value} onClick={() => void remove()}>
          Delete
        </button>
      </div>
    </Modal>
  );
}

function links(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>('.thread-link')];
}

function linkIndex(threadId: string): number {
  return links().findIndex((link) => link.pathname.endsWith(`/${threadId}`));
}

function focusLink(index: number): void {
  if (document.activeElement !== document.body && document.activeElement !== null) return;
  const all = links();
  const link = all[Math.min(index, all.length - 1)];
  if (link) link.focus();
  else focusComposer();
}
