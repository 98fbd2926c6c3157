import { gatewayFailure, mintFailure, type Failure } from './failure.ts';
import { nextStep, type Step } from './policy.ts';
import type { Token, TokenSource } from './token.ts';

export interface Piece {
  readonly text: string;
  /** The gateway said why the reply ended, so it is whole. */
  readonly finished: boolean;
}

export type Outcome =
  | { readonly end: 'complete' }
  | { readonly end: 'stopped' }
  | { readonly end: 'incomplete'; readonly failure: Failure | null }
  | { readonly end: 'failed'; readonly failure: Failure; readonly step: Exclude<Step, 'refresh'> };

export interface ReplyRequest {
  readonly tokens: Pick<TokenSource, 'get' | 'discard'>;
  readonly open: (token: Token, signal: AbortSignal) => AsyncIterable<Piece>;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
}

/** Fetches one reply, with the token policy around it. Never throws. */
export async function fetchReply({ tokens, open, signal, onText }: ReplyRequest): Promise<Outcome> {
  let refreshed = false;
  let received = false;
  let finished = false;

  for (;;) {
    let token: Token | null = null;
    try {
      token = await unlessAborted(tokens.get(), signal);
      for await (const piece of open(token, signal)) {
        if (signal.aborted) break;
        if (piece.text !== '') {
          received = true;
          onText(piece.text);
        }
        finished ||= piece.finished;
      }
      if (signal.aborted) return { end: 'stopped' };
      if (finished) return { end: 'complete' };
      return { end: 'incomplete', failure: null };
    } catch (error) {
      if (signal.aborted) return { end: 'stopped' };
      const failure = token ? gatewayFailure(error) : mintFailure(error);
      const step = nextStep(failure, { refreshed, received, minting: token === null });
      if (step === 'refresh' && token) {
        refreshed = true;
        tokens.discard(token);
        continue;
      }
      if (received) return { end: 'incomplete', failure };
      return { end: 'failed', failure, step: step === 'refresh' ? 'show' : step };
    }
  }
}

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException('Stopped', 'AbortError'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
