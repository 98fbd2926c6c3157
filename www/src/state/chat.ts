import { computed, signal, untracked } from '@preact/signals';
import { authorized, CallError } from '../net/authorized.ts';
import type { Diagnosis } from '../net/diagnosis.ts';
import { explained, type Failure } from '../net/failure.ts';
import type { ChatMessage } from '../net/gateway.ts';
import { describePause } from '../net/pause.ts';
import type { Outcome } from '../net/reply.ts';
import type { SessionTokens } from '../net/session-tokens.ts';
import type { Token } from '../net/token.ts';
import type { UserData } from '../storage/user-data.ts';
import type { Announcer } from './announcer.ts';
import { ConversationStore } from './conversation-store.ts';
import type { Conversation, Message } from './conversation.ts';
import { HistoryLoader, type ReadMessages } from './history-loader.ts';
import { earlierMessages } from './history.ts';
import type { Provisional } from './provisional.ts';
import { Replacer } from './replacer.ts';
import { runReply, type StreamCompletion } from './reply-runner.ts';
import { ThreadList } from './thread-list.ts';
import { titleOf } from './thread-title.ts';

export interface Gateway {
  readonly stream: StreamCompletion;
  readonly readMessages: ReadMessages;
  readonly deleteThread: (token: Token, threadId: string) => Promise<void>;
}

export interface ChatParts {
  readonly tokens: SessionTokens;
  readonly gateway: Gateway;
  readonly threads: ThreadList;
  readonly provisional: Provisional;
  readonly announcer: Announcer;
  /** Finds out why the browser gets no answer from the gateway. */
  diagnose(): Promise<Diagnosis>;
  /** The thread on view has another address; null is that of a new chat. */
  onAddress(threadId: string | null, how: { replace: boolean }): void;
  onExpired(reason: string): void;
  onForbidden(reason: string): void;
}

/** What a signed-in person does in the chat. */
export class Chat {
  readonly conversation;
  readonly draft = signal('');
  /** Counts what the person sent, so that the view can go to it. */
  readonly sends = signal(0);
  /** Counts what was brought to view, for the same reason. */
  readonly openings = signal(0);
  /** The reply whose failure is being looked into. */
  readonly examined = signal<Message | null>(null);
  readonly isStreaming = computed(() => this.conversation.value.isStreaming.value);
  readonly canSend = computed(
    () => !this.isStreaming.value && this.draft.value.trim() !== '' && this.conversation.value.history.value.state === 'ready',
  );
  readonly running;
  readonly #store: ConversationStore;
  readonly #history: HistoryLoader;
  readonly #replacer: Replacer;
  #data: UserData | null = null;
  #hasAskedForThreads = false;
  /** The quota was used up; should the tier be raised, that comes with the next token. */
  #wantsNewToken = false;

  constructor(private readonly parts: ChatParts) {
    const { threads, tokens, gateway } = parts;
    this.#store = new ConversationStore(tokens);
    this.running = this.#store.running;
    this.conversation = signal(this.#store.begin());
    tokens.clear();
    this.#history = new HistoryLoader({
      tokens: () => tokens.shared,
      read: gateway.readMessages,
      onChanged: (conversation) => this.#store.save(conversation),
      onMissing: ({ threadId }) => {
        threads.remove(threadId);
        this.#store.drop(threadId);
      },
      onExpired: parts.onExpired,
    });
    this.#replacer = new Replacer({
      store: this.#store,
      threads,
      provisional: parts.provisional,
      announcer: parts.announcer,
      stream: gateway.stream,
      isKept: () => this.#areThreadsKept(),
      isShown: (conversation) => conversation === this.conversation.peek(),
      onSent: () => this.sends.value++,
      onAdopted: (old, successor) => this.#adopt(old, successor),
      onDiscarded: (prompt) => {
        if (this.draft.peek().trim() === '') this.write(prompt);
      },
      onRefused: (outcome) => this.#takeRefusal(outcome),
      sweep: (threadId) => void this.#sweep(threadId),
    });
  }

  open(data: UserData): void {
    this.close();
    this.#data = data;
    this.#store.open(data);
    for (const threadId of this.parts.provisional.all()) void this.#sweep(threadId);
  }

  /** Nothing of the user stays in the page; what is in the storage is the caller's business. */
  close(): void {
    this.#data = null;
    this.#history.leave();
    this.#store.close();
    this.#hasAskedForThreads = false;
    this.parts.threads.clear();
    this.#put(this.#store.begin());
    this.parts.tokens.clear();
    this.parts.announcer.say('');
  }

  /** Shows a thread; without one a new chat, or the last one where the gateway keeps none. */
  show(threadId: string | null): void {
    const { threads } = this.parts;
    const shown = this.conversation.peek();
    const isBegun = this.#hasAskedForThreads;
    if (!isBegun || shown.threadId !== threadId) {
      if (threadId !== null) this.#showThread(threadId);
      else if (threads.isKept.peek() !== true) this.#put(this.#store.findLast() ?? this.#store.begin());
      else if (!isBegun || this.#draftKey() !== null) this.#put(this.#store.begin());
    }
    this.#hasAskedForThreads = true;
    if (!isBegun) void threads.refresh();
  }

  /** Now that the gateway is known to keep threads, what is on view gets its address. */
  takeAddress(): void {
    const { threadId, messages } = this.conversation.peek();
    if (!this.#data || messages.peek().length === 0) return;
    this.parts.onAddress(threadId, { replace: true });
  }

  /** Asks once more for the messages that did not come. */
  reload(): void {
    this.#history.open(this.conversation.peek());
  }

  loadEarlier(): Promise<void> {
    return this.#history.loadEarlier(this.conversation.peek());
  }

  write(text: string): void {
    this.draft.value = text;
    this.#data?.saveDraft(this.#draftKey(), text);
  }

  send(): void {
    if (!this.canSend.peek()) return;
    const conversation = this.conversation.peek();
    const text = this.draft.peek().trim();
    const last = conversation.messages.peek().at(-1);
    conversation.replacement.value = null;
    this.write('');
    if (last?.draftRestored) conversation.removeTurn(last);
    const { reply } = conversation.addTurn(text);
    this.#run(conversation, reply);
  }

  ask(text: string): void {
    if (this.isStreaming.peek()) return;
    this.write(text);
    this.send();
  }

  retry(reply: Message): void {
    if (this.isStreaming.peek()) return;
    const conversation = this.conversation.peek();
    const { replacement } = conversation;
    if (reply === replacement.peek()?.reply) return this.replace(replacement.peek()!.replaced, replacement.peek()!.prompt.text.peek());
    const turn = conversation.turnOf(reply);
    if (!turn) return;
    if (reply.draftRestored && this.draft.peek().trim() === turn.prompt.text.peek()) this.write('');
    reply.draftRestored = false;
    reply.failure.value = null;
    reply.state.value = 'streaming';
    this.#run(conversation, reply);
  }

  /** Asks for another reply to a prompt, or to what it is changed to; the conversation goes on from there. */
  replace(prompt: Message, text: string): void {
    const conversation = this.conversation.peek();
    if (this.isStreaming.peek() || text.trim() === '') return;
    this.#history.leave();
    this.#renewToken(conversation);
    this.#replacer.begin(conversation, prompt, text.trim());
  }

  /** The replacement that did not come to anything goes from view. */
  dismissReplacement(): void {
    this.conversation.peek().replacement.value = null;
  }

  stop(): void {
    this.conversation.peek().run.peek()?.abort();
  }

  newChat(): void {
    const { threadId } = this.conversation.peek();
    if (this.#draftKey() === null) return;
    this.parts.announcer.say('New chat');
    if (this.parts.threads.isKept.peek() === true) return this.parts.onAddress(null, { replace: false });
    // Nothing keeps the old one, so what is typed goes along.
    const draft = this.draft.peek();
    this.#store.drop(threadId);
    this.#put(this.#store.begin());
    this.write(draft);
    this.parts.onAddress(null, { replace: false });
  }

  /** Resolves to what went wrong, or to null. A thread that is gone already is as good as deleted. */
  async deleteThread(threadId: string): Promise<Failure | null> {
    const failure = await this.#deleteAtGateway(threadId);
    if (failure) return failure;
    this.parts.threads.remove(threadId);
    if (this.conversation.peek().threadId === threadId) {
      this.#put(this.#store.begin());
      this.parts.onAddress(null, { replace: true });
    }
    this.#store.drop(threadId);
    this.parts.announcer.say('Conversation deleted');
    return null;
  }

  #showThread(threadId: string): void {
    const conversation = this.#store.find(threadId);
    this.#put(conversation);
    if (conversation.isStreaming.peek()) return;
    if (this.parts.threads.isKept.peek() === false && conversation.messages.peek().length > 0) return;
    this.#history.open(conversation);
  }

  #put(conversation: Conversation): void {
    this.#history.leave();
    this.conversation.value = conversation;
    this.openings.value++;
    this.draft.value = this.#data?.loadDraft(this.#draftKey()) ?? '';
  }

  /** A chat that has not begun has no thread yet whose draft it would be. */
  #draftKey(): string | null {
    const conversation = this.conversation.peek();
    return untracked(() => conversation.isNew) ? null : conversation.threadId;
  }

  #run(conversation: Conversation, reply: Message): void {
    const turn = conversation.turnOf(reply);
    if (!turn) return;
    const { threads, announcer, gateway, onAddress } = this.parts;
    const { threadId } = conversation;
    this.#history.leave();
    this.#store.hold(conversation);
    this.#store.save(conversation);
    this.#store.setRunning(threadId, true);
    this.#renewToken(conversation);
    this.sends.value++;
    if (threads.isKept.peek() === true) onAddress(threadId, { replace: true });
    threads.touch(threadId, titleOf(conversation.messages.peek()[0]!.text.peek()));
    void runReply(gateway.stream, {
      shownIn: conversation,
      saidIn: conversation,
      reply,
      messages: () => this.#messagesFor(turn.prompt, turn.before),
      onStarted: () => {
        if (this.#isShown(conversation)) announcer.say('Reply started');
      },
      onText: () => this.#store.saveSoon(conversation),
      onPaused: (pause) => {
        if (this.#isShown(conversation)) announcer.say(describePause(pause));
      },
      onSettled: (outcome) => this.#settle(conversation, reply, outcome),
    });
  }

  async #messagesFor(prompt: Message, before: readonly Message[]): Promise<ChatMessage[]> {
    const earlier = earlierMessages(before.map((message) => message.toStored()));
    const isKept = earlier.length === 0 || (await this.#areThreadsKept());
    return [...(isKept ? [] : earlier), { role: 'user', content: prompt.text.peek() }];
  }

  async #areThreadsKept(): Promise<boolean> {
    const { threads } = this.parts;
    if (threads.isKept.peek() === null) await threads.refresh();
    return threads.isKept.peek() === true;
  }

  #settle(conversation: Conversation, reply: Message, outcome: Outcome): void {
    const { threads, announcer } = this.parts;
    this.#store.setRunning(conversation.threadId, false);
    if (this.#isShown(conversation)) announcer.say(settledText(outcome));
    if (outcome.end === 'failed') {
      this.#restoreDraft(conversation, reply);
      if (outcome.failure.kind === 'unreachable') void this.#examine(conversation, reply, outcome.failure);
    }
    threads.settle(conversation.threadId);
    if (outcome.end === 'failed' && conversation.messages.peek().length <= 2) threads.remove(conversation.threadId);
    else if (threads.isKept.peek() !== false && this.#data) void threads.refresh();
    this.#store.save(conversation);
    if (outcome.end === 'failed' && outcome.step === 'sign-in' && reply.draftRestored) this.#takeBack(conversation, reply);
    this.#takeRefusal(outcome);
  }

  /** As if it had not been sent, for whoever signs in again and finds the draft. */
  #takeBack(conversation: Conversation, reply: Message): void {
    const draft = this.draft.peek();
    this.write('');
    conversation.removeTurn(reply);
    this.write(draft);
    this.#store.save(conversation);
    if (conversation.messages.peek().length > 0) return;
    this.#store.drop(conversation.threadId);
    this.parts.onAddress(null, { replace: true });
  }

  #renewToken({ tokens }: Conversation): void {
    if (this.#wantsNewToken) tokens.renew();
    this.#wantsNewToken = false;
  }

  #takeRefusal(outcome: Outcome): void {
    if (outcome.end !== 'failed') return;
    if (outcome.failure.kind === 'quota') this.#wantsNewToken = true;
    if (outcome.step === 'sign-in') this.parts.onExpired(outcome.failure.message);
    if (outcome.step === 'sign-out') this.parts.onForbidden(outcome.failure.message);
  }

  /** The replacement has ended well: the conversation goes on in its thread. */
  #adopt(old: Conversation, successor: Conversation): void {
    const draft = this.#isShown(old) ? this.draft.peek() : '';
    if (this.#isShown(old)) {
      this.conversation.value = successor;
      this.write(draft);
      if (this.parts.threads.isKept.peek() === true) this.parts.onAddress(successor.threadId, { replace: true });
    }
    this.#store.drop(old.threadId);
  }

  /** Says why the gateway cannot be reached, unless the reply has been asked for again meanwhile. */
  async #examine(conversation: Conversation, reply: Message, failure: Failure): Promise<void> {
    this.examined.value = reply;
    const diagnosis = await this.parts.diagnose().catch(() => null);
    if (this.examined.peek() === reply) this.examined.value = null;
    if (!diagnosis || reply.failure.peek() !== failure || !this.#isShown(conversation)) return;
    reply.failure.value = explained(failure, diagnosis);
    this.parts.announcer.say(diagnosis.message);
    this.#store.save(conversation);
  }

  /** The prompt goes back into the composer, unless something else has been typed there since. */
  #restoreDraft(conversation: Conversation, reply: Message): void {
    const turn = conversation.turnOf(reply);
    if (!turn || reply.text.peek() !== '') return;
    if (!this.#isShown(conversation) || this.draft.peek().trim() !== '') return;
    this.write(turn.prompt.text.peek());
    reply.draftRestored = true;
  }

  /** Deletes a thread that nobody is to see, now or when the page comes up again. */
  async #sweep(threadId: string): Promise<void> {
    const { threads, provisional } = this.parts;
    threads.hide(threadId);
    provisional.add(threadId);
    if ((await this.#deleteAtGateway(threadId)) === null) provisional.remove(threadId);
  }

  async #deleteAtGateway(threadId: string): Promise<Failure | null> {
    try {
      await authorized(this.parts.tokens.shared, (token) => this.parts.gateway.deleteThread(token, threadId));
      return null;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.minting && error.failure.kind === 'unauthorized') this.parts.onExpired(error.failure.message);
      return error.failure.kind === 'notFound' && !error.minting ? null : error.failure;
    }
  }

  #isShown(conversation: Conversation): boolean {
    return conversation === this.conversation.peek();
  }
}

export function settledText(outcome: Outcome): string {
  switch (outcome.end) {
    case 'complete':
      return 'Reply finished';
    case 'stopped':
      return 'Reply stopped';
    case 'incomplete':
      return `Reply incomplete. ${outcome.failure?.message ?? ''}`;
    case 'failed':
      return `Reply failed. ${outcome.failure.message}`;
  }
}
