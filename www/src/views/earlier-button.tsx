import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useApp } from './app-context.ts';
import { passOnFocus } from './pass-on-focus.ts';

/** Loads what was said before the first message here; what is on view stays where it is. */
export function EarlierButton({ log }: { log: RefObject<HTMLElement | null> }) {
  const { announcer, chat } = useApp();
  const hasFailed = useSignal(false);

  const load = async () => {
    const element = log.current!;
    const fromEnd = element.scrollHeight - element.scrollTop;
    hasFailed.value = !(await chat.loadEarlier());
    if (hasFailed.value) announcer.say('Earlier messages could not be loaded');
    else requestAnimationFrame(() => (element.scrollTop = element.scrollHeight - fromEnd));
  };
  return (
    <div class="earlier">
      <button type="button" class="quiet-button" onClick={() => void passOnFocus(load(), () => log.current)}>
        Show earlier messages
      </button>
      {hasFailed.value && <p>They could not be loaded. Try again in a moment.</p>}
    </div>
  );
}
