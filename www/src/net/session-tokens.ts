import { TokenSource, type Mint } from './token.ts';

/** The token sources of one user: one for each session, and one of them also for calls that belong to no conversation. */
export class SessionTokens {
  #shared: TokenSource | null = null;
  #isSharedTaken = false;

  constructor(private readonly mint: Mint) {}

  get shared(): TokenSource {
    this.#shared ??= new TokenSource(this.mint);
    return this.#shared;
  }

  /** For a conversation that goes on in its session, or begins a session of its own. */
  of(sessionId: string | null): TokenSource {
    if (sessionId !== null && sessionId === this.#shared?.sessionId) return this.#shared;
    if (this.#isSharedTaken || (this.#shared && sessionId !== null)) return new TokenSource(this.mint, sessionId);
    this.#isSharedTaken = true;
    this.#shared ??= new TokenSource(this.mint, sessionId);
    return this.#shared;
  }

  /** Nothing of the user is used again. */
  clear(): void {
    this.#shared = null;
    this.#isSharedTaken = false;
  }
}
