/** Tells the other tabs of this site that somebody signed in or out. */
export class SessionChannel {
  onChange: () => void = () => {};
  readonly #channel: BroadcastChannel | null;

  constructor(scope: string) {
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`chat:${scope}:session`);
    this.#channel?.addEventListener('message', () => this.onChange());
  }

  tellOthers(): void {
    this.#channel?.postMessage('changed');
  }
}
