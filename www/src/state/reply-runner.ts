import type { Diagnosis } from '../net/diagnosis.ts';
import type { ChatMessage } from '../net/gateway.ts';
import type { Pause } from '../net/pause.ts';
import { fetchReply, type Outcome, type Piece } from '../net/reply.ts';
import type { Token } from '../net/token.ts';
import type { Conversation } from './conversation.ts';
import type { Message } from './message.ts';
import { Painter } from './painter.ts';

export type StreamCompletion = (
  token: Token,
  request: { threadId: string; messages: readonly ChatMessage[] },
  signal: AbortSignal,
) => AsyncIterable<Piece>;

export interface Run {
  /** The conversation that shows the reply, and stops it. */
  readonly shownIn: Conversation;
  /** The one whose thread it is said in. */
  readonly saidIn: Conversation;
  readonly reply: Message;
  readonly messages: () => Promise<readonly ChatMessage[]>;
  /** Finds out why the browser gets no answer from the gateway. */
  readonly diagnose: () => Promise<Diagnosis>;
  /** The first piece has been painted. */
  onStarted(): void;
  onText(): void;
  /** Nothing is sent for a while. */
  onPaused(pause: Pause): void;
  /** The reply has its last state; whatever comes from now on belongs to nobody. */
  onSettled(outcome: Outcome): void;
}

/** Has a reply streamed into its message. */
export async function runReply(stream: StreamCompletion, run: Run): Promise<void> {
  const { shownIn, saidIn, reply } = run;
  const controller = new AbortController();
  shownIn.run.value = controller;

  let hasStarted = false;
  const painter = new Painter((text) => {
    reply.text.value = text;
    if (!hasStarted) run.onStarted();
    hasStarted = true;
    run.onText();
  });
  const settle = (outcome: Outcome) => {
    painter.end();
    if (shownIn.run.peek() === controller) shownIn.run.value = null;
    mark(reply, outcome);
    run.onSettled(outcome);
  };
  // Stopping has to show at once, not when the stream has been torn down.
  controller.signal.addEventListener('abort', () => settle(stoppedOutcome(reply)));

  const outcome = await fetchReply({
    tokens: saidIn.tokens,
    open: (token, signal) => open(stream, token, run, signal),
    signal: controller.signal,
    diagnose: run.diagnose,
    onText: (text) => {
      if (!controller.signal.aborted) painter.add(text);
    },
    onPause: (pause) => {
      const isNew = reply.pause.peek() === null;
      reply.pause.value = pause;
      if (pause && isNew) run.onPaused(pause);
    },
  });
  if (!controller.signal.aborted) settle(outcome);
}

async function* open(stream: StreamCompletion, token: Token, run: Run, signal: AbortSignal): AsyncGenerator<Piece> {
  const messages = await run.messages();
  yield* stream(token, { threadId: run.saidIn.threadId, messages }, signal);
}

const STATES = { complete: 'done', stopped: 'stopped', incomplete: 'incomplete', failed: 'failed' } as const;

function mark(reply: Message, outcome: Outcome): void {
  reply.failure.value = 'failure' in outcome ? outcome.failure : null;
  reply.state.value = STATES[outcome.end];
}

/** Who stops a countdown gets the refusal that it was about, and the draft back. */
function stoppedOutcome(reply: Message): Outcome {
  const pause = reply.pause.peek();
  reply.pause.value = null;
  return pause ? { end: 'failed', failure: pause.failure, step: 'show' } : { end: 'stopped' };
}
