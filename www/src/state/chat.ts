import { computed } from '@preact/signals';
import type { Failure } from '../net/failure.ts';
import type { SessionTokens } from '../net/session-tokens.ts';
import type { UserData } from '../storage/user-data.ts';
import type { Announcer } from './announcer.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { Draft } from './draft.ts';
import type { Editor } from './editor.ts';
import type { Examiner } from './examiner.ts';
import type { HistoryLoader } from './history-loader.ts';
import type { Message } from './message.ts';
import type { OnView } from './on-view.ts';
import type { Replacer } from './replacer.ts';
import type { Runs } from './runs.ts';
import type { ThreadList } from './thread-list.ts';
import type { ThreadRemover } from './thread-remover.ts';
import type { Turns } from './turns.ts';

export interface ChatParts {
  readonly announcer: Announcer;
  readonly draft: Draft;
  readonly editor: Editor;
  readonly examiner: Examiner;
  readonly history: HistoryLoader;
  readonly onView: OnView;
  readonly remover: ThreadRemover;
  readonly replacer: Replacer;
  readonly runs: Runs;
  readonly store: ConversationStore;
  readonly threads: ThreadList;
  readonly tokens: SessionTokens;
  readonly turns: Turns;
}

/** What a signed-in person sees and does in the chat. */
export class Chat {
  readonly conversation;
  readonly openings;
  readonly draft;
  readonly editor;
  readonly examined;
  readonly running;
  readonly sends;
  readonly isStreaming = computed(() => this.conversation.value.isStreaming.value);
  readonly canSend = computed(
    () => !this.isStreaming.value && this.draft.value.trim() !== '' && this.conversation.value.history.value.state === 'ready',
  );

  constructor(private readonly parts: ChatParts) {
    const { onView, draft, examiner, runs } = parts;
    this.conversation = onView.conversation;
    this.openings = onView.openings;
    this.draft = draft.text;
    this.editor = parts.editor;
    this.examined = examiner.examined;
    this.running = runs.running;
    this.sends = runs.sends;
  }

  /** For somebody who has just come; whoever was there before has been closed away. */
  open(data: UserData): void {
    this.parts.draft.keepIn(data);
    this.parts.store.open(data);
    this.parts.remover.sweepLeft();
  }

  /** Nothing of the user stays in the page; what is in the storage is the caller's business. */
  close(): void {
    const { history, draft, store, threads, onView, runs, tokens, announcer } = this.parts;
    history.leave();
    store.close();
    draft.keepIn(null);
    threads.clear();
    runs.clear();
    onView.clear();
    tokens.clear();
    announcer.say('');
  }

  show(threadId: string | null): void {
    this.parts.onView.show(threadId);
  }

  takeAddress(): void {
    this.parts.onView.takeAddress();
  }

  /** Shows the list and the conversation as they are now. */
  refresh(): void {
    const { store, threads, onView } = this.parts;
    if (!store.isOpen) return;
    threads.renew();
    onView.refresh();
  }

  reload(): void {
    this.parts.onView.reload();
  }

  /** Resolves to whether they came. */
  loadEarlier(): Promise<boolean> {
    return this.parts.onView.loadEarlier();
  }

  newChat(): void {
    this.parts.onView.newChat();
  }

  write(text: string): void {
    this.parts.draft.write(text);
  }

  send(): void {
    if (!this.canSend.peek()) return;
    this.#send(this.draft.peek().trim());
  }

  /** Sends a text that was not typed; what is typed stays. */
  ask(text: string): void {
    if (this.isStreaming.peek()) return;
    const typed = this.draft.peek();
    this.#send(text);
    if (typed.trim() !== '') this.write(typed);
  }

  #send(text: string): void {
    const conversation = this.conversation.peek();
    conversation.replacement.value = null;
    this.write('');
    this.parts.turns.add(conversation, text);
    this.parts.draft.offerEdit(conversation);
  }

  retry(reply: Message): void {
    if (this.isStreaming.peek()) return;
    const conversation = this.conversation.peek();
    const replacement = conversation.replacement.peek();
    if (reply === replacement?.reply) this.parts.replacer.retry(conversation, replacement);
    else this.parts.turns.retry(conversation, reply);
  }

  /** Asks for another reply to a prompt, or to what it is changed to; the conversation goes on from there. */
  replace(prompt: Message, text: string): void {
    if (this.isStreaming.peek() || text.trim() === '') return;
    const conversation = this.conversation.peek();
    if (conversation.editing.peek() === prompt) conversation.editing.value = null;
    this.parts.replacer.begin(conversation, prompt, text.trim());
  }

  /** The replacement that did not come to anything goes from view. */
  dismissReplacement(): void {
    const conversation = this.conversation.peek();
    conversation.replacement.value = null;
    this.parts.draft.offerEdit(conversation);
  }

  stop(): void {
    this.conversation.peek().run.peek()?.abort();
  }

  /** Resolves to what went wrong, or to null. */
  async deleteThread(threadId: string): Promise<Failure | null> {
    const { remover, onView, announcer } = this.parts;
    const failure = await remover.remove(threadId);
    if (failure) return failure;
    onView.drop(threadId);
    announcer.say('Conversation deleted');
    return null;
  }
}
