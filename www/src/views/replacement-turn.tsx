import { useId } from 'preact/hooks';
import type { Replacement } from '../state/conversation.ts';
import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';
import { Reply } from './message-item.tsx';

/** The turn that is on its way to replace an older one, which stays as long. */
export function ReplacementTurn({ replacement }: { replacement: Replacement }) {
  const { chat } = useApp();
  const id = useId();
  const { prompt, reply, replaced } = replacement;
  const isEdited = prompt.text.value !== replaced.text.value;
  const hasFailed = reply.state.value !== 'streaming';
  const dismiss = () => {
    chat.dismissReplacement();
    focusComposer();
  };
  return (
    <section class="replacement" aria-labelledby={id}>
      <h2 id={id} class="replacement-note">
        {hasFailed ? 'The new version did not come; everything above stays' : noteOf(isEdited)}
      </h2>
      {isEdited && (
        <article class="message prompt" data-role="user" aria-label="You">
          <div class="bubble" dir="auto">{prompt.text}</div>
        </article>
      )}
      <Reply message={reply} isLast={true} isProvisional={true} />
      {hasFailed && (
        <button type="button" class="quiet-button" onClick={dismiss}>
          Dismiss
        </button>
      )}
    </section>
  );
}

function noteOf(isEdited: boolean): string {
  return isEdited ? 'New version; the old one stays until this has ended' : 'New reply; the old one stays until this has ended';
}
