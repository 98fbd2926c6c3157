import { useSignal } from '@preact/signals';
import { copyText } from '../lib/clipboard.ts';
import { useApp } from './app-context.ts';
import { CheckIcon, CopyIcon } from './icons.tsx';

interface Props {
  readonly text: () => string;
  /** The name for assistive technology, when "Copy" does not say enough; begins with it. */
  readonly name?: string;
}

export function CopyButton({ text, name }: Props) {
  const { announcer } = useApp();
  const isCopied = useSignal(false);
  const copy = async () => {
    isCopied.value = await copyText(text());
    announcer.say(isCopied.value ? 'Copied' : 'Copying failed');
    setTimeout(() => (isCopied.value = false), 1500);
  };
  return (
    <button type="button" class="quiet-button" aria-label={name} onClick={() => void copy()}>
      {isCopied.value ? <CheckIcon /> : <CopyIcon />}
      Copy
    </button>
  );
}
