import type { Outcome } from '../net/reply.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { Conversation, Turn } from './conversation.ts';
import type { Draft } from './draft.ts';
import type { Examiner } from './examiner.ts';
import type { Message } from './message.ts';
import { messagesFor } from './messages-for.ts';
import type { OnView } from './on-view.ts';
import { settledText } from './outcome-text.ts';
import type { Runs } from './runs.ts';
import type { ThreadList } from './thread-list.ts';
import { titleOf } from './thread-title.ts';

export interface TurnsParts {
  readonly store: ConversationStore;
  readonly threads: ThreadList;
  readonly draft: Draft;
  readonly onView: OnView;
  readonly runs: Runs;
  readonly examiner: Examiner;
  /** The list of threads is another one at the gateway. */
  onListChanged(): void;
}

/** Prompts and their replies, at the end of a conversation. */
export class Turns {
  constructor(private readonly parts: TurnsParts) {}

  /** Asks for a reply to a new prompt. A prompt that never got through, and went back into the composer, makes way. */
  add(conversation: Conversation, text: string): void {
    const last = conversation.messages.peek().at(-1);
    if (last?.draftRestored) conversation.removeTurn(last);
    this.#run(conversation, conversation.addTurn(text));
  }

  /** Asks for the same reply once more. */
  retry(conversation: Conversation, reply: Message): void {
    const prompt = conversation.turnOf(reply)?.prompt;
    if (!prompt) return;
    this.parts.draft.takeAgain(prompt, reply);
    reply.failure.value = null;
    reply.state.value = 'streaming';
    this.#run(conversation, { prompt, reply });
  }

  #run(conversation: Conversation, { prompt, reply }: Turn): void {
    const { store, threads, onView, runs } = this.parts;
    store.hold(conversation);
    store.save(conversation);
    onView.takeAddress();
    threads.touch(conversation.threadId, titleOf(conversation.messages.peek()[0]!.text.peek()));
    runs.start({
      shownIn: conversation,
      saidIn: conversation,
      reply,
      messages: () => messagesFor(conversation, prompt, threads),
      startText: 'Reply started',
      onChanged: () => store.saveSoon(conversation),
      onSettled: (outcome) => this.#settle(conversation, reply, outcome),
    });
  }

  #settle(conversation: Conversation, reply: Message, outcome: Outcome): void {
    const { store, draft, onView, runs, examiner } = this.parts;
    const hasFailed = outcome.end === 'failed';
    runs.say(conversation, settledText(outcome));
    if (hasFailed) {
      draft.giveBack(conversation, reply);
      if (outcome.diagnosis) void examiner.explain(conversation, reply, outcome.failure, outcome.diagnosis);
    }
    this.#settleThread(conversation, hasFailed && reply.text.peek() === '' && conversation.messages.peek().length <= 2);
    store.save(conversation);
    if (hasFailed && outcome.step === 'sign-in' && reply.draftRestored && onView.is(conversation)) this.#takeBack(conversation, reply);
  }

  /** A thread of nothing but a failed message is none; but out of view it stays in the list, or the message would not be found. */
  #settleThread(conversation: Conversation, isNothing: boolean): void {
    const { store, threads, onView } = this.parts;
    if (isNothing && !onView.is(conversation)) return;
    threads.settle(conversation.threadId);
    if (isNothing) threads.remove(conversation.threadId);
    else if (store.isOpen) this.#noteSaid();
  }

  #noteSaid(): void {
    this.parts.threads.renew();
    this.parts.onListChanged();
  }

  /** As if it had not been sent, for whoever signs in again and finds the draft. */
  #takeBack(conversation: Conversation, reply: Message): void {
    const { store, draft, onView } = this.parts;
    const text = draft.text.peek();
    draft.write('');
    conversation.removeTurn(reply);
    store.save(conversation);
    if (conversation.messages.peek().length === 0) onView.drop(conversation.threadId);
    draft.write(text);
  }
}
