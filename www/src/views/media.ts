import { signal, type ReadonlySignal } from '@preact/signals';

function matches(query: string): ReadonlySignal<boolean> {
  const list = window.matchMedia(query);
  const result = signal(list.matches);
  list.addEventListener('change', () => (result.value = list.matches));
  return result;
}

/** Wide enough for the conversations beside the chat; as in sidebar.css. */
export const isWide = matches('(min-width: 56rem)');
