export interface Token {
  readonly token: string;
  readonly sessionId: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly baseUrl: string;
}

export type Mint = (sessionId: string | null) => Promise<Token>;

/** A token is not used when it has less than this left, so that none expires on its way. */
export const MIN_SECONDS_LEFT = 60;

/** Holds the token of one session: in memory, reused while it is fresh, minted once however many ask. */
export class TokenSource {
  #current: Token | null = null;
  #pending: Promise<Token> | null = null;
  #sessionId: string | null;

  constructor(
    private readonly mint: Mint,
    sessionId: string | null = null,
    private readonly now: () => number = () => Date.now() / 1000,
  ) {
    this.#sessionId = sessionId;
  }

  get sessionId(): string | null {
    return this.#sessionId;
  }

  get(): Promise<Token> {
    if (this.#current && this.#current.expiresAt - this.now() > MIN_SECONDS_LEFT) return Promise.resolve(this.#current);
    this.#pending ??= this.#mintOne();
    return this.#pending;
  }

  /** Gives up a token that the gateway refused, unless it has been replaced already. */
  discard(refused: Token): void {
    if (this.#current === refused) this.#current = null;
  }

  /** The next one is minted anew. */
  renew(): void {
    this.#current = null;
  }

  #mintOne(): Promise<Token> {
    const pending = this.mint(this.#sessionId).then((token) => {
      this.#current = token;
      this.#sessionId = token.sessionId;
      return token;
    });
    return pending.finally(() => (this.#pending = null));
  }
}
