/** What the tabs of this site in one browser tell each other: who is signed in, or the list of conversations, has changed. */
export type Subject = 'session' | 'threads';

export class TabChannel {
  readonly #channel: BroadcastChannel | null;
  readonly #listeners = new Map<unknown, () => void>();

  constructor(scope: string) {
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`chat:${scope}`);
    this.#channel?.addEventListener('message', ({ data }) => this.#listeners.get(data)?.());
    // Back may bring the page as it was, out of the browser's memory; nobody told it anything meanwhile.
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) this.#listeners.forEach((listener) => listener());
    });
  }

  on(subject: Subject, listener: () => void): void {
    this.#listeners.set(subject, listener);
  }

  tellOthers(subject: Subject): void {
    this.#channel?.postMessage(subject);
  }
}
