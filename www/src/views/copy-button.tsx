import { useSignal } from '@preact/signals';
import { copyText } from '../lib/clipboard.ts';
import { useApp } from './app-context.ts';
import { CheckIcon, CopyIcon } from './icons.tsx';

/** How long a button says what became of it. */
export const COPIED_SHOWN_MS = 1500;

interface Props {
  readonly text: () => string;
  /** The name for assistive technology, when "Copy" does not say enough; begins with it. */
  readonly name?: string;
}

export function CopyButton({ text, name }: Props) {
  const { announcer } = useApp();
  const label = useSignal<'Copy' | 'Copied' | 'Failed'>('Copy');
  const copy = async () => {
    label.value = (await copyText(text())) ? 'Copied' : 'Failed';
    announcer.say(label.value === 'Copied' ? 'Copied' : 'Copying failed');
    setTimeout(() => (label.value = 'Copy'), COPIED_SHOWN_MS);
  };
  return (
    <button type="button" class="quiet-button" aria-label={name ?? 'Copy'} onClick={() => void copy()}>
      {label.value === 'Copied' ? <CheckIcon /> : <CopyIcon />}
      {label.value}
    </button>
  );
}
