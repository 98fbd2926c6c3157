import { describePause } from '../net/pause.ts';
import type { Outcome } from '../net/reply.ts';
import type { StoredMessage } from '../storage/transcript.ts';
import type { Announcer } from './announcer.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { Conversation, Message, Replacement } from './conversation.ts';
import { earlierMessages, EVERY_TIME, ONCE } from './history.ts';
import type { Provisional } from './provisional.ts';
import { runReply, type StreamCompletion } from './reply-runner.ts';
import type { ThreadList } from './thread-list.ts';
import { titleOf } from './thread-title.ts';

export interface ReplacerParts {
  readonly store: ConversationStore;
  readonly threads: ThreadList;
  readonly provisional: Provisional;
  readonly announcer: Announcer;
  readonly stream: StreamCompletion;
  isKept(): Promise<boolean>;
  isShown(conversation: Conversation): boolean;
  onSent(): void;
  onAdopted(old: Conversation, successor: Conversation): void;
  /** Nothing came of a changed prompt. */
  onDiscarded(prompt: string): void;
  onRefused(outcome: Outcome): void;
  /** Deletes a thread that nobody is to see. */
  sweep(threadId: string): void;
}

/**
 * Edit and Regenerate. A thread cannot be changed at the gateway, so what is said up to the prompt is said again in a new
 * one; the old stays until the new reply has ended, and the new one goes when nothing comes of it.
 */
export class Replacer {
  constructor(private readonly parts: ReplacerParts) {}

  begin(conversation: Conversation, replaced: Message, text: string): void {
    const { store, threads, provisional, announcer } = this.parts;
    const successor = this.#succeed(conversation, replaced);
    const replacement: Replacement = { ...successor.addTurn(text), replaced, successor };
    conversation.replacement.value = replacement;
    threads.hide(successor.threadId);
    provisional.add(successor.threadId);
    store.hold(conversation);
    store.setRunning(conversation.threadId, true);
    this.parts.onSent();
    void runReply(this.parts.stream, {
      shownIn: conversation,
      saidIn: successor,
      reply: replacement.reply,
      messages: () => this.#messages(replacement),
      onStarted: () => {
        if (this.parts.isShown(conversation)) announcer.say('New reply started');
      },
      onText: () => {},
      onPaused: (pause) => {
        if (this.parts.isShown(conversation)) announcer.say(describePause(pause));
      },
      onSettled: (outcome) => this.#settle(conversation, replacement, outcome),
    });
  }

  /** A conversation with what was said before the prompt. */
  #succeed(conversation: Conversation, replaced: Message): Conversation {
    const { store, threads } = this.parts;
    const successor = threads.isKept.peek() === true ? store.begin(conversation.tokens) : store.begin();
    const said = conversation.before(replaced).map((message): StoredMessage => ({ ...message.toStored(), keptId: null }));
    successor.become(said);
    return successor;
  }

  async #messages({ prompt, successor }: Replacement) {
    const limits = (await this.parts.isKept()) ? ONCE : EVERY_TIME;
    const earlier = earlierMessages(successor.before(prompt).map((message) => message.toStored()), limits);
    return [...earlier, { role: 'user' as const, content: prompt.text.peek() }];
  }

  #settle(conversation: Conversation, replacement: Replacement, outcome: Outcome): void {
    const { store, announcer } = this.parts;
    const { reply, successor } = replacement;
    store.setRunning(conversation.threadId, false);
    const hasStopped = outcome.end === 'stopped';
    if (outcome.end === 'complete' || (hasStopped && reply.text.peek() !== '')) {
      this.#adopt(conversation, replacement);
      if (this.parts.isShown(successor)) announcer.say(hasStopped ? 'New reply stopped' : 'New reply finished');
      return;
    }
    this.#discard(conversation, replacement, outcome);
    if (!this.parts.isShown(conversation)) return;
    announcer.say(hasStopped ? 'New reply stopped. The old one stays.' : 'The new reply failed. The old one stays.');
  }

  #adopt(conversation: Conversation, { successor }: Replacement): void {
    const { store, threads, provisional } = this.parts;
    conversation.replacement.value = null;
    provisional.remove(successor.threadId);
    store.hold(successor);
    store.save(successor);
    threads.touch(successor.threadId, titleOf(successor.messages.peek()[0]!.text.peek()));
    threads.settle(successor.threadId);
    threads.reveal(successor.threadId);
    threads.remove(conversation.threadId);
    this.parts.onAdopted(conversation, successor);
    if (threads.isKept.peek() === true) this.parts.sweep(conversation.threadId);
  }

  #discard(conversation: Conversation, { prompt, replaced, successor }: Replacement, outcome: Outcome): void {
    const { threads, provisional } = this.parts;
    if (threads.isKept.peek() === true) this.parts.sweep(successor.threadId);
    else provisional.remove(successor.threadId);
    if (outcome.end === 'stopped') {
      conversation.replacement.value = null;
      const text = prompt.text.peek();
      if (text !== replaced.text.peek() && this.parts.isShown(conversation)) this.parts.onDiscarded(text);
    }
    this.parts.onRefused(outcome);
  }
}
