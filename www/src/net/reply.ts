import { gatewayFailure, mintFailure, type Failure } from './failure.ts';
import { waitFor, type Pause } from './pause.ts';
import { isOutage, nextStep, pauseSeconds, waitSeconds, type Step } from './policy.ts';
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
  | { readonly end: 'failed'; readonly failure: Failure; readonly step: LastStep };

type LastStep = Exclude<Step, 'refresh' | 'repeat' | 'wait'>;

export interface ReplyRequest {
  readonly tokens: Pick<TokenSource, 'get' | 'discard'>;
  readonly open: (token: Token, signal: AbortSignal) => AsyncIterable<Piece>;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
  /** Nothing is sent for a while, and every second of that; null when it goes on. */
  readonly onPause: (pause: Pause | null) => void;
  readonly sleep?: typeof waitFor;
}

/** Fetches one reply, with the policy of tokens and repetitions around it. Never throws. */
export async function fetchReply(request: ReplyRequest): Promise<Outcome> {
  const { tokens, signal } = request;
  const progress = { refreshed: false, received: false, minting: false, outages: 0, waited: false };
  for (;;) {
    let token: Token | null = null;
    try {
      token = await unlessAborted(tokens.get(), signal);
      return await readReply(request, token, () => (progress.received = true));
    } catch (error) {
      if (signal.aborted) return { end: 'stopped' };
      progress.minting = token === null;
      const failure = token ? gatewayFailure(error) : mintFailure(error);
      if (isOutage(failure)) progress.outages++;
      const step = nextStep(failure, progress);
      // A raised tier comes with the next token.
      if (token && (step === 'refresh' || failure.kind === 'quota')) tokens.discard(token);
      if (step !== 'refresh' && step !== 'repeat' && step !== 'wait') {
        return progress.received ? { end: 'incomplete', failure } : { end: 'failed', failure, step };
      }
      progress.refreshed ||= step === 'refresh';
      progress.waited ||= step === 'wait';
      if (step !== 'refresh') await pause(request, failure, step, progress.outages);
    }
  }
}

async function readReply({ open, signal, onText }: ReplyRequest, token: Token, onReceived: () => void): Promise<Outcome> {
  let finished = false;
  for await (const piece of open(token, signal)) {
    if (signal.aborted) break;
    if (piece.text !== '') {
      onReceived();
      onText(piece.text);
    }
    finished ||= piece.finished;
  }
  if (signal.aborted) return { end: 'stopped' };
  return finished ? { end: 'complete' } : { end: 'incomplete', failure: null };
}

async function pause(request: ReplyRequest, failure: Failure, step: 'repeat' | 'wait', outages: number): Promise<void> {
  const { signal, onPause, sleep = waitFor } = request;
  const seconds = step === 'wait' ? waitSeconds(failure) : pauseSeconds(failure, outages);
  await sleep(seconds, signal, (secondsLeft) => onPause({ failure, counts: step === 'wait', secondsLeft }));
  onPause(null);
}

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException('Stopped', 'AbortError'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
