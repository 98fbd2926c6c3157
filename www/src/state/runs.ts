import { effect, signal } from '@preact/signals';
import type { Diagnosis } from '../net/diagnosis.ts';
import type { ChatMessage } from '../net/gateway.ts';
import { describePause } from '../net/pause.ts';
import type { Outcome } from '../net/reply.ts';
import type { Announcer } from './announcer.ts';
import type { Conversation } from './conversation.ts';
import type { HistoryLoader } from './history-loader.ts';
import type { Message } from './message.ts';
import type { OnView } from './on-view.ts';
import { runReply, type StreamCompletion } from './reply-runner.ts';
import type { ThreadList } from './thread-list.ts';

export interface RunsParts {
  readonly stream: StreamCompletion;
  readonly history: HistoryLoader;
  readonly threads: Pick<ThreadList, 'isKept'>;
  readonly onView: OnView;
  readonly announcer: Announcer;
  /** Finds out why the browser gets no answer from the gateway. */
  diagnose(): Promise<Diagnosis>;
  onExpired(reason: string): void;
  onForbidden(reason: string): void;
}

export interface Asked {
  /** The conversation that shows the reply, and stops it. */
  readonly shownIn: Conversation;
  /** The one whose thread it is said in. */
  readonly saidIn: Conversation;
  readonly reply: Message;
  readonly messages: () => Promise<readonly ChatMessage[]>;
  /** What is said aloud when the reply begins. */
  readonly startText: string;
  /** There is more of it, or a reason why there is nothing yet. */
  onChanged?(): void;
  /** The reply has its last state. */
  onSettled(outcome: Outcome): void;
}

/** The replies that are on their way, whatever becomes of them afterwards. */
export class Runs {
  /** The threads that show them. */
  readonly running = signal<ReadonlySet<string>>(new Set());
  /** Counts what the person sent, so that the view can go to it. */
  readonly sends = signal(0);
  /** The quota was used up; should the tier be raised, that comes with the next token. */
  #wantsNewToken = false;
  /** Answered by the gateway, which has them if it turns out to keep threads. */
  readonly #answered = new Set<Conversation>();

  constructor(private readonly parts: RunsParts) {
    effect(() => {
      if (parts.threads.isKept.value === true) this.#noteKept();
    });
  }

  start({ shownIn, saidIn, reply, messages, startText, onChanged, onSettled }: Asked): void {
    // What streams here is newer than what the gateway would tell.
    this.parts.history.leave();
    this.#mark(shownIn.threadId, true);
    if (this.#wantsNewToken) saidIn.tokens.renew();
    this.#wantsNewToken = false;
    this.sends.value++;
    void runReply(this.parts.stream, {
      shownIn,
      saidIn,
      reply,
      messages,
      diagnose: () => this.parts.diagnose(),
      onStarted: () => this.say(shownIn, startText),
      onText: () => {
        this.#noteAnswered(saidIn, reply);
        onChanged?.();
      },
      onPaused: (pause) => {
        this.say(shownIn, describePause(pause));
        onChanged?.();
      },
      onSettled: (outcome) => {
        this.#mark(shownIn.threadId, false);
        this.#noteAnswered(saidIn, reply);
        onSettled(outcome);
        this.#takeRefusal(outcome);
      },
    });
  }

  /** Somebody has left. */
  clear(): void {
    this.#answered.clear();
  }

  /** Said aloud to whoever looks at the conversation. */
  say(conversation: Conversation, text: string): void {
    if (this.parts.onView.is(conversation)) this.parts.announcer.say(text);
  }

  /** Once the gateway has begun to answer it has what was said. */
  #noteAnswered(conversation: Conversation, reply: Message): void {
    if (reply.text.peek() === '') return;
    this.#answered.add(conversation);
    if (this.parts.threads.isKept.peek() === true) this.#noteKept();
  }

  #noteKept(): void {
    for (const conversation of this.#answered) conversation.isKept = true;
    this.#answered.clear();
  }

  #takeRefusal(outcome: Outcome): void {
    if (outcome.end !== 'failed') return;
    const { failure, step } = outcome;
    if (failure.kind === 'quota') this.#wantsNewToken = true;
    if (step === 'sign-in') this.parts.onExpired(failure.message);
    if (step === 'sign-out') this.parts.onForbidden(failure.message);
  }

  #mark(threadId: string, isRunning: boolean): void {
    const running = new Set(this.running.peek());
    if (isRunning) running.add(threadId);
    else running.delete(threadId);
    this.running.value = running;
  }
}
