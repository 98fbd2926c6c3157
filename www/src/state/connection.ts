import { signal } from '@preact/signals';
import type { Announcer } from './announcer.ts';

/** Whether this device has a connection at all, as far as its browser knows. */
export class Connection {
  readonly isOnline = signal(navigator.onLine);

  constructor(announcer: Announcer) {
    const note = (isOnline: boolean) => {
      this.isOnline.value = isOnline;
      announcer.say(isOnline ? 'You are online again' : 'You are offline');
    };
    window.addEventListener('online', () => note(true));
    window.addEventListener('offline', () => note(false));
  }
}
