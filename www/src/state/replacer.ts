import type { Outcome } from '../net/reply.ts';
import type { StoredMessage } from '../storage/transcript.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { Conversation, Replacement } from './conversation.ts';
import type { Draft } from './draft.ts';
import { messagesFor } from './messages-for.ts';
import type { Message } from './message.ts';
import type { OnView } from './on-view.ts';
import { replacedText } from './outcome-text.ts';
import type { Provisional } from './provisional.ts';
import type { Runs } from './runs.ts';
import type { ThreadList } from './thread-list.ts';
import type { ThreadRemover } from './thread-remover.ts';
import { titleOf } from './thread-title.ts';

export interface ReplacerParts {
  readonly store: ConversationStore;
  readonly threads: ThreadList;
  readonly provisional: Provisional;
  readonly draft: Draft;
  readonly onView: OnView;
  readonly runs: Runs;
  readonly remover: ThreadRemover;
}

/**
 * Edit and Regenerate. A thread cannot be changed at the gateway, so what is said up to the prompt is said again in a new
 * one; the old stays until the new reply has ended, and the new one goes when nothing comes of it.
 */
export class Replacer {
  constructor(private readonly parts: ReplacerParts) {}

  /** Asks for another reply to a prompt, or to what it is changed to. */
  begin(conversation: Conversation, replaced: Message, text: string): void {
    const { store, threads, provisional, runs } = this.parts;
    const successor = this.#succeed(conversation, replaced);
    const replacement: Replacement = { ...successor.addTurn(text), replaced, successor };
    conversation.replacement.value = replacement;
    threads.hide(successor.threadId);
    provisional.add(successor.threadId);
    store.hold(conversation);
    runs.start({
      shownIn: conversation,
      saidIn: successor,
      reply: replacement.reply,
      messages: () => messagesFor(successor, replacement.prompt, threads),
      startText: 'New reply started',
      onSettled: (outcome) => this.#settle(conversation, replacement, outcome),
    });
  }

  /** Asks once more for what did not come. */
  retry(conversation: Conversation, { replaced, prompt }: Replacement): void {
    this.begin(conversation, replaced, prompt.text.peek());
  }

  /** A conversation with what was said before the prompt. */
  #succeed(conversation: Conversation, replaced: Message): Conversation {
    const { store, threads } = this.parts;
    const successor = threads.isKept.peek() === true ? store.begin(conversation.tokens) : store.begin();
    const said = conversation.before(replaced).map((message): StoredMessage => ({ ...message.toStored(), keptId: null }));
    successor.become(said);
    return successor;
  }

  #settle(conversation: Conversation, replacement: Replacement, outcome: Outcome): void {
    const { runs } = this.parts;
    const { reply, successor } = replacement;
    const isGivenUp = conversation.replacement.peek() !== replacement;
    const hasEnded = outcome.end === 'complete' || (outcome.end === 'stopped' && reply.text.peek() !== '');
    const isAdopted = hasEnded && !isGivenUp;
    if (isAdopted) this.#adopt(conversation, successor);
    else this.#discard(conversation, replacement, outcome);
    runs.say(isAdopted ? successor : conversation, replacedText(outcome, isAdopted));
  }

  /** It has ended well: the conversation goes on in the new thread. */
  #adopt(conversation: Conversation, successor: Conversation): void {
    const { store, threads, provisional, onView, remover } = this.parts;
    conversation.replacement.value = null;
    provisional.remove(successor.threadId);
    store.hold(successor);
    store.save(successor);
    threads.touch(successor.threadId, titleOf(successor.messages.peek()[0]!.text.peek()));
    threads.settle(successor.threadId);
    threads.reveal(successor.threadId);
    threads.remove(conversation.threadId);
    onView.noteSuccessor(conversation.threadId, successor.threadId);
    if (onView.is(conversation)) onView.goOn(successor);
    store.drop(conversation.threadId);
    if (threads.isKept.peek() === true) void remover.replace(conversation.threadId, successor.threadId);
  }

  /** The old one stays. */
  #discard(conversation: Conversation, { prompt, replaced, successor }: Replacement, outcome: Outcome): void {
    const { threads, provisional, draft, onView, remover } = this.parts;
    if (threads.isKept.peek() === true) void remover.sweep(successor.threadId);
    else provisional.remove(successor.threadId);
    if (outcome.end !== 'stopped') return;
    conversation.replacement.value = null;
    const text = prompt.text.peek();
    if (text !== replaced.text.peek() && onView.is(conversation)) draft.offer(text);
  }
}
