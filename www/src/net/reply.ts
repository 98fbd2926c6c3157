import { APIConnectionError, APIError } from 'openai/core/error';
import type { Diagnosis } from './diagnosis.ts';
import { Examination } from './examination.ts';
import { disconnected, explained, gatewayFailure, mintFailure, type Failure } from './failure.ts';
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
  | {
      readonly end: 'failed';
      readonly failure: Failure;
      readonly step: LastStep;
      /** What the failure comes from, while that is still being looked into. */
      readonly diagnosis?: Promise<Diagnosis | null>;
    };

type LastStep = Exclude<Step, 'refresh' | 'repeat' | 'wait'>;

export interface ReplyRequest {
  readonly tokens: Pick<TokenSource, 'get' | 'discard'>;
  readonly open: (token: Token, signal: AbortSignal) => AsyncIterable<Piece>;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
  /** Nothing is sent for a while, and every second of that; null when it goes on. */
  readonly onPause: (pause: Pause | null) => void;
  /** Finds out why the gateway cannot be reached. */
  readonly diagnose: () => Promise<Diagnosis>;
  readonly isOnline?: () => boolean;
  readonly sleep?: typeof waitFor;
}

/** Fetches one reply, with the policy of tokens and repetitions around it. Never throws. */
export async function fetchReply(request: ReplyRequest): Promise<Outcome> {
  const attempts = new Attempts(request);
  let outcome: Outcome | null = null;
  while (!outcome) outcome = await attempts.next();
  return outcome;
}

class Attempts {
  readonly #progress = { refreshed: false, received: false, minting: false, outages: 0, waited: false };
  #examination: Examination | null = null;

  constructor(private readonly request: ReplyRequest) {}

  /** Null when there has to be another one. */
  async next(): Promise<Outcome | null> {
    const { tokens, signal } = this.request;
    let token: Token | null = null;
    try {
      token = await unlessAborted(tokens.get(), signal);
      return await readReply(this.request, token, () => (this.#progress.received = true));
    } catch (error) {
      if (signal.aborted) return { end: 'stopped' };
      return this.#handle(this.#causeOf(token ? gatewayFailure(error) : mintFailure(error)), token);
    }
  }

  #causeOf(failure: Failure): Failure {
    const { isOnline = () => navigator.onLine } = this.request;
    const isUnanswered = failure.kind === 'unreachable' || failure.kind === 'offline';
    return isUnanswered && !isOnline() ? disconnected() : failure;
  }

  async #handle(failure: Failure, token: Token | null): Promise<Outcome | null> {
    const progress = this.#progress;
    progress.minting = token === null;
    if (isOutage(failure)) progress.outages++;
    this.#examine(failure);
    const step = nextStep(failure, progress);
    // A raised tier comes with the next token.
    if (token && (step === 'refresh' || failure.kind === 'quota')) this.request.tokens.discard(token);
    switch (step) {
      case 'refresh':
        progress.refreshed = true;
        return null;
      case 'wait':
        progress.waited = true;
        await this.#pause(failure, true, waitSeconds(failure));
        return null;
      case 'repeat':
        await this.#pause(failure, false, pauseSeconds(failure, progress.outages));
        return this.#examination?.isFinal && !this.request.signal.aborted ? this.#failed(failure, 'show') : null;
      default:
        return progress.received ? { end: 'incomplete', failure } : this.#failed(failure, step);
    }
  }

  /** From the first request on that got no answer. */
  #examine(failure: Failure): void {
    if (failure.kind === 'unreachable' && !this.#progress.received) {
      this.#examination ??= new Examination(this.request.diagnose());
    }
  }

  /** Ends early when it is found that another request would be in vain. */
  async #pause(failure: Failure, counts: boolean, seconds: number): Promise<void> {
    const { signal, onPause, sleep = waitFor } = this.request;
    const examination = this.#examination;
    const ending = new AbortController();
    const end = () => ending.abort();
    signal.addEventListener('abort', end);
    void examination?.diagnosis.then(() => examination.isFinal && end());
    await sleep(seconds, ending.signal, (secondsLeft) => onPause({ failure, counts, secondsLeft }));
    signal.removeEventListener('abort', end);
    onPause(null);
  }

  #failed(failure: Failure, step: LastStep): Outcome {
    if (failure.kind !== 'unreachable' || !this.#examination) return { end: 'failed', failure, step };
    const { found, diagnosis } = this.#examination;
    if (found) return { end: 'failed', failure: explained(failure, found), step };
    return { end: 'failed', failure, step, diagnosis };
  }
}

async function readReply({ open, signal, onText }: ReplyRequest, token: Token, onReceived: () => void): Promise<Outcome> {
  let finished = false;
  // Some servers say of each piece that it is the last one.
  let isSaid = false;
  try {
    for await (const piece of open(token, signal)) {
      if (signal.aborted) break;
      if (piece.text !== '') {
        onReceived();
        onText(piece.text);
        isSaid = !finished;
      }
      finished ||= piece.finished;
    }
  } catch (error) {
    // A connection that breaks when all has been said takes nothing with it.
    if (!(finished && isSaid && isBreak(error))) throw error;
  }
  if (signal.aborted) return { end: 'stopped' };
  return finished ? { end: 'complete' } : { end: 'incomplete', failure: null };
}

/** Rather than something that the gateway says. */
function isBreak(error: unknown): boolean {
  return !(error instanceof APIError) || error instanceof APIConnectionError;
}

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException('Stopped', 'AbortError'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
