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

/**
 * The one place that holds the token: in memory, reused while it is fresh, minted once however many ask.
 */
export class TokenSource {
  #current: Token | null = null;
  #pending: Promise<Token> | null = null;
  #sessionId: string | null = null;

  constructor(
    private readonly mint: Mint,
    private readonly now: () => number = () => Date.now() / 1000,
  ) {}

  get sessionId(): string | null {
    return this.#sessionId;
  }

  get(): Promise<Token> {
    if (this.#current && this.#current.expiresAt - this.now() > MIN_SECONDS_LEFT) return Promise.resolve(this.#current);
    this.#pending ??= this.#renew();
    return this.#pending;
  }

  /** Gives up a token that the gateway refused, unless it has been replaced already. */
  discard(refused: Token): void {
    if (this.#current === refused) this.#current = null;
  }

  /** Continues the given session, or starts a new one with the next mint. */
  useSession(sessionId: string | null): void {
    if (sessionId === this.#sessionId && sessionId !== null) return;
    this.#sessionId = sessionId;
    this.#current = null;
    this.#pending = null;
  }

  clear(): void {
    this.useSession(null);
  }

  #renew(): Promise<Token> {
    // A mint that ends after the session was changed is kept by nobody.
    const isCurrent = () => this.#pending === pending;
    const pending: Promise<Token> = this.mint(this.#sessionId).then(
      (token) => {
        if (isCurrent()) {
          this.#current = token;
          this.#sessionId = token.sessionId;
          this.#pending = null;
        }
        return token;
      },
      (error: unknown) => {
        if (isCurrent()) this.#pending = null;
        throw error;
      },
    );
    return pending;
  }
}
