import { signal } from '@preact/signals';
import type { Thread } from '../net/threads.ts';

/** What lies over the chat at the moment. */
export class Panels {
  readonly isDrawerOpen = signal(false);
  readonly isFinderOpen = signal(false);
  /** The thread that is asked about before it is deleted. */
  readonly deleting = signal<Thread | null>(null);

  closeAll(): void {
    this.isDrawerOpen.value = this.isFinderOpen.value = false;
    this.deleting.value = null;
  }
}
