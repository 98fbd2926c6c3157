import { useEffect } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';
import { isComposing } from './send-key.ts';
import { shortcutOf } from './shortcuts.ts';

/** The keys that work wherever the focus is. */
export function useShortcuts(): void {
  const { chat, panels, threads } = useApp();
  useEffect(() => {
    const keyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      if (event.defaultPrevented || panels.deleting.peek()) return;
      if (event.key === 'Escape' && !isComposing(event) && !document.querySelector('dialog[open]')) chat.stop();
      if (shortcut === 'find' && threads.isKept.peek() === true) {
        event.preventDefault();
        panels.isFinderOpen.value = !panels.isFinderOpen.peek();
      }
      if (shortcut === 'new-chat') {
        event.preventDefault();
        panels.closeAll();
        chat.newChat();
        focusComposer();
      }
    };
    window.addEventListener('keydown', keyDown);
    return () => window.removeEventListener('keydown', keyDown);
  }, [chat, panels, threads]);
}
