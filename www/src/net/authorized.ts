import { gatewayFailure, mintFailure, type Failure } from './failure.ts';
import type { Token, TokenSource } from './token.ts';

/** Why a call came to nothing; `minting` when it was this site's mint that refused. */
export class CallError extends Error {
  constructor(
    readonly failure: Failure,
    readonly minting: boolean,
  ) {
    super(failure.message);
  }
}

/** Calls the gateway with a token; a refused one is minted anew, once. Throws only a `CallError`. */
export async function authorized<Result>(
  tokens: Pick<TokenSource, 'get' | 'discard'>,
  call: (token: Token) => Promise<Result>,
): Promise<Result> {
  for (let isRepeated = false; ; isRepeated = true) {
    const token = await tokens.get().catch((error: unknown) => {
      throw new CallError(mintFailure(error), true);
    });
    try {
      return await call(token);
    } catch (error) {
      const failure = gatewayFailure(error);
      if (isRepeated || failure.kind !== 'unauthorized') throw new CallError(failure, false);
      tokens.discard(token);
    }
  }
}
