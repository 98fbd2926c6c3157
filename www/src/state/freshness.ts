import type { TabChannel } from './tab-channel.ts';

export interface Refreshed {
  /** Shows what is there now. */
  refresh(): void;
}

/**
 * Without asking again and again: what may have changed elsewhere is looked at when somebody comes back to the tab, or the
 * device back to the net, and when another tab tells of a change. A tab that nobody sees can wait.
 */
export function keepFresh(chat: Refreshed, channel: TabChannel): void {
  const refresh = () => {
    if (!document.hidden && navigator.onLine) chat.refresh();
  };
  document.addEventListener('visibilitychange', refresh);
  window.addEventListener('online', refresh);
  channel.on('threads', refresh);
}
