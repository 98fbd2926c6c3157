import type { Outcome } from '../net/reply.ts';
import type { ChatMessage } from '../net/gateway.ts';
import type { StoredMessage } from '../storage/transcript.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { Conversation, Replacement } from './conversation.ts';
import type { Draft } from './draft.ts';
import type { HistoryLoader } from './history-loader.ts';
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
  readonly history: HistoryLoader;
  readonly threads: ThreadList;
  readonly provisional: Provisional;
  readonly draft: Draft;
  readonly onView: OnView;
  readonly runs: Runs;
  readonly remover: ThreadRemover;
}

/**
 * Edit and Regenerate. A thread cannot be changed at the gateway, so what is said up to the prompt is said again in a new
 * one; the old stays until the new reply has ended, and the new one goes when nothing comes of it. Where not all of it can be
 * said again, both stay.
 */
export class Replacer {
  constructor(private readonly parts: ReplacerParts) {}

  /** Asks for another reply to a prompt, or to what it is changed to. */
  begin(conversation: Conversation, replaced: Message, text: string): void {
    const { store, threads, provisional, draft, runs } = this.parts;
    const successor = this.#succeed(conversation);
    const replacement: Replacement = { ...successor.addTurn(text), replaced, successor };
    let isWhole = false;
    conversation.replacement.value = replacement;
    if (text === replaced.text.peek()) draft.offerEdit(conversation);
    else draft.changeEdit(conversation, text);
    threads.hide(successor.threadId);
    provisional.add(successor.threadId);
    store.hold(conversation);
    runs.start({
      shownIn: conversation,
      saidIn: successor,
      reply: replacement.reply,
      messages: async () => {
        const messages = await this.#messages(conversation, replacement);
        isWhole = messages.isWhole;
        return messages.sent;
      },
      startText: 'New reply started',
      onSettled: (outcome) => this.#settle(conversation, replacement, outcome, isWhole),
    });
  }

  /** Asks once more for what did not come. */
  retry(conversation: Conversation, { replaced, prompt }: Replacement): void {
    this.begin(conversation, replaced, prompt.text.peek());
  }

  #succeed(conversation: Conversation): Conversation {
    const { store, threads } = this.parts;
    return threads.isKept.peek() === true ? store.begin(conversation.tokens) : store.begin();
  }

  /** What was said before the prompt, as far as it can be had and sent, and the prompt. */
  async #messages(conversation: Conversation, { replaced, prompt, successor }: Replacement): Promise<{ sent: ChatMessage[]; isWhole: boolean }> {
    const { history, threads } = this.parts;
    const isLoaded = await history.loadAll(conversation);
    const said = conversation.before(replaced).map((message): StoredMessage => ({ ...message.toStored(), keptId: null }));
    successor.prepend(said, prompt);
    const sent = await messagesFor(successor, prompt, threads);
    const isThere = conversation.messages.peek().includes(replaced);
    const isAllSent = isLoaded && isThere && !conversation.hasOthers && sent.length === said.length + 1;
    return { sent, isWhole: threads.isKept.peek() !== true || isAllSent };
  }

  #settle(conversation: Conversation, replacement: Replacement, outcome: Outcome, isWhole: boolean): void {
    const { runs } = this.parts;
    const { reply, successor } = replacement;
    const isGivenUp = conversation.replacement.peek() !== replacement;
    const hasEnded = outcome.end === 'complete' || outcome.end === 'stopped';
    const isAdopted = hasEnded && reply.text.peek().trim() !== '' && !isGivenUp;
    if (isAdopted) this.#adopt(conversation, replacement, isWhole);
    else this.#discard(conversation, replacement, outcome);
    runs.say(isAdopted ? successor : conversation, replacedText(outcome, isAdopted));
  }

  /** It has ended well: the conversation goes on in the new thread. */
  #adopt(conversation: Conversation, { prompt, successor }: Replacement, isWhole: boolean): void {
    const { store, threads, provisional, draft, onView } = this.parts;
    conversation.replacement.value = null;
    draft.dropEdit(conversation, prompt.text.peek());
    draft.carry(conversation, successor.threadId);
    provisional.remove(successor.threadId);
    store.hold(successor);
    store.save(successor);
    threads.touch(successor.threadId, titleOf(successor.messages.peek()[0]!.text.peek()));
    threads.settle(successor.threadId);
    threads.reveal(successor.threadId);
    if (onView.is(conversation)) onView.goOn(successor);
    if (isWhole) void this.#remove(conversation, successor);
    else threads.renew();
  }

  async #remove(conversation: Conversation, successor: Conversation): Promise<void> {
    const { store, threads, remover } = this.parts;
    const { threadId } = conversation;
    threads.remove(threadId);
    store.noteSuccessor(threadId, successor.threadId);
    store.drop(threadId);
    if (threads.isKept.peek() !== true) return;
    const isReplaced = await remover.replace(conversation, successor.threadId);
    if (!isReplaced) store.forgetSuccessor(threadId);
  }

  /** The old one stays; what a message was to be changed to goes back into the composer, or stays on view. */
  #discard(conversation: Conversation, { prompt, replaced, successor }: Replacement, outcome: Outcome): void {
    const { threads, provisional, draft, remover } = this.parts;
    if (threads.isKept.peek() === true) void remover.sweep(successor.threadId);
    else provisional.remove(successor.threadId);
    if (outcome.end !== 'stopped') return;
    const isElsewhere = draft.offerEdit(conversation) || prompt.text.peek() === replaced.text.peek();
    if (isElsewhere) conversation.replacement.value = null;
  }
}
