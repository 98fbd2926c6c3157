import { gatewayFailure, mintFailure, type Failure } from './failure.ts';
import type { Token, TokenSource } from './token.ts';

/** Why a call came to nothing; `minting` when it was this site's mint that refused. */
export class CallError extends Error {
  constructor(
    readonly failure: Failure,
    private readonly minting: boolean,
  ) {
    super(failure.message);
  }

  /** The site does not know the session any more. */
  get hasExpired(): boolean {
    return this.minting && this.failure.kind === 'unauthorized';
  }

  /** The gateway has no such thing. */
  get isMissing(): boolean {
    return !this.minting && this.failure.kind === 'notFound';
  }
}

/** Calls the gateway on behalf of whoever is signed in. Throws only a `CallError`. */
export type Call = <Result>(request: (token: Token) => Promise<Result>) => Promise<Result>;

export interface CallParts {
  /** Where tokens come from at the moment. */
  readonly tokens: () => Pick<TokenSource, 'get' | 'discard'>;
  onExpired(reason: string): void;
}

/** Calls with tokens of the site; a session that has ended is told as well as thrown. */
export function authorizedCalls({ tokens, onExpired }: CallParts): Call {
  return (request) =>
    authorized(tokens(), request).catch((error: unknown) => {
      if (error instanceof CallError && error.hasExpired) onExpired(error.failure.message);
      throw error;
    });
}

/** Calls the gateway with a token; a refused one is minted anew, once. Throws only a `CallError`. */
export async function authorized<Result>(
  tokens: Pick<TokenSource, 'get' | 'discard'>,
  request: (token: Token) => Promise<Result>,
): Promise<Result> {
  for (let isRepeated = false; ; isRepeated = true) {
    const token = await tokens.get().catch((error: unknown) => {
      throw new CallError(mintFailure(error), true);
    });
    try {
      return await request(token);
    } catch (error) {
      const failure = gatewayFailure(error);
      if (isRepeated || failure.kind !== 'unauthorized') throw new CallError(failure, false);
      tokens.discard(token);
    }
  }
}
