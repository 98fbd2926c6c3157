type Key = Pick<KeyboardEvent, 'key' | 'keyCode' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey' | 'isComposing'>;

/** What browsers report as the key that ends a composition, Safari even after it says that it composes no more. */
const COMPOSITION_KEY_CODE = 229;

/** The key belongs to the composition of a character. */
export function isComposing(event: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return event.isComposing || event.keyCode === COMPOSITION_KEY_CODE;
}

/** Enter sends; on a touch screen, where Enter is the only way to a new line, only with Ctrl or Cmd. */
export function isSendKey(event: Key, isTouchScreen: boolean): boolean {
  if (event.key !== 'Enter' || isComposing(event)) return false;
  if (event.shiftKey || event.altKey) return false;
  return event.ctrlKey || event.metaKey || !isTouchScreen;
}
