type Key = Pick<KeyboardEvent, 'code' | 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey' | 'isComposing'>;

export type Shortcut = 'new-chat' | 'find';

/** Ctrl or Cmd with Shift+O, and with K; by letter, or by place where the layout has no Latin letters. */
export function shortcutOf(event: Key): Shortcut | null {
  if (event.isComposing || event.altKey || !(event.ctrlKey || event.metaKey)) return null;
  const letter = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, '').toLowerCase();
  if (letter === 'o' && event.shiftKey) return 'new-chat';
  if (letter === 'k' && !event.shiftKey) return 'find';
  return null;
}
