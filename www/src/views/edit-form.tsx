import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { isComposing, isSendKey } from './send-key.ts';
import { touchScreen } from './touch.ts';

interface Props {
  readonly text: string;
  /** More was said after the message. */
  readonly hasLater: boolean;
  /** Not while another reply is on its way. */
  readonly canSubmit: boolean;
  readonly onInput: (text: string) => void;
  readonly onCancel: () => void;
  readonly onSubmit: (text: string) => void;
}

/** A message of one's own, to be changed and sent again. */
export function EditForm({ text, hasLater, canSubmit, onInput, onCancel, onSubmit }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const edited = useSignal(text);
  const id = useId();
  const isEmpty = edited.value.trim() === '';

  useLayoutEffect(() => {
    const { length } = area.current!.value;
    area.current!.focus();
    area.current!.setSelectionRange(length, length);
  }, []);
  useLayoutEffect(() => {
    area.current!.style.height = 'auto';
    area.current!.style.height = `${area.current!.scrollHeight + 2}px`;
  }, [edited.value]);

  const input = (changed: string) => {
    edited.value = changed;
    onInput(changed);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isEmpty && canSubmit) onSubmit(edited.peek());
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !isComposing(event)) {
      event.preventDefault();
      onCancel();
    } else if (isSendKey(event, touchScreen.matches)) {
      event.preventDefault();
      // The Enter that opened the form is still down.
      if (!event.repeat) submit(event);
    }
  };

  return (
    <form class="edit-form" onSubmit={submit}>
      <label class="visually-hidden" for={id}>
        Edited message
      </label>
      <textarea
        ref={area}
        id={id}
        rows={1}
        dir="auto"
        value={edited.value}
        aria-describedby={hasLater ? `${id}-note` : undefined}
        onInput={(event) => input(event.currentTarget.value)}
        onKeyDown={keyDown}
      />
      <div class="edit-actions">
        {hasLater && (
          <p id={`${id}-note`} class="edit-note">
            What was said after it is replaced.
          </p>
        )}
        <button type="button" class="outline-button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="primary-button" disabled={isEmpty || !canSubmit}>
          Send again
        </button>
      </div>
    </form>
  );
}
