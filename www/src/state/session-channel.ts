/** Tells the other tabs of this site that somebody signed in or out; and notices what happened while this one was put aside. */
export class SessionChannel {
  onChange: () => void = () => {};
  readonly #channel: BroadcastChannel | null;

  constructor(scope: string) {
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`chat:${scope}:session`);
    this.#channel?.addEventListener('message', () => this.onChange());
    // Back may bring the page as it was, out of the browser's memory.
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) this.onChange();
    });
  }

  tellOthers(): void {
    this.#channel?.postMessage('changed');
  }
}
