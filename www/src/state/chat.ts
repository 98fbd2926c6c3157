import { computed, signal } from '@preact/signals';
import type { Diagnosis } from '../net/diagnosis.ts';
import { explained, type Failure } from '../net/failure.ts';
import type { ChatMessage } from '../net/gateway.ts';
import { describePause, type Pause } from '../net/pause.ts';
import { fetchReply, type Outcome, type Piece } from '../net/reply.ts';
import type { Token, TokenSource } from '../net/token.ts';
import type { UserData } from '../storage/user-data.ts';
import type { Announcer } from './announcer.ts';
import { Conversation, type Message } from './conversation.ts';
import { earlierMessages } from './history.ts';
import { Keeper } from './keeper.ts';
import { Painter } from './painter.ts';

export interface Gateway {
  stream(token: Token, request: { threadId: string; messages: readonly ChatMessage[] }, signal: AbortSignal): AsyncIterable<Piece>;
  keepsThreads(token: Token): Promise<boolean>;
}

export interface ChatParts {
  readonly tokens: TokenSource;
  readonly gateway: Gateway;
  readonly announcer: Announcer;
  /** Finds out why the browser gets no answer from the gateway. */
  diagnose(): Promise<Diagnosis>;
  onExpired(reason: string): void;
  onForbidden(reason: string): void;
}

/** What a signed-in person does in the chat. */
export class Chat {
  readonly conversation = signal(Conversation.start());
  readonly draft = signal('');
  /** Counts what the person sent, so that the view can go to it. */
  readonly sends = signal(0);
  /** The reply whose failure is being looked into. */
  readonly examined = signal<Message | null>(null);
  readonly #active = signal<AbortController | null>(null);
  readonly isStreaming = computed(() => this.#active.value !== null);
  readonly canSend = computed(() => !this.isStreaming.value && this.draft.value.trim() !== '');
  readonly #keeper = new Keeper(() => this.#save());
  #data: UserData | null = null;
  #threadsKept: boolean | null = null;

  constructor(private readonly parts: ChatParts) {
    window.addEventListener('pagehide', () => this.#keeper.flush());
  }

  open(data: UserData): void {
    this.close();
    this.#data = data;
    const transcript = data.loadTranscript();
    this.conversation.value = transcript ? Conversation.restore(transcript) : Conversation.start();
    if (!transcript) this.#save();
    this.draft.value = data.loadDraft(this.conversation.peek().threadId);
    this.parts.tokens.useSession(this.conversation.peek().sessionId);
  }

  /** Nothing of the user stays in the page; what is in the storage is the caller's business. */
  close(): void {
    this.stop();
    this.#keeper.cancel();
    this.#data = null;
    this.#threadsKept = null;
    this.parts.tokens.clear();
    this.conversation.value = Conversation.start();
    this.draft.value = '';
    this.parts.announcer.say('');
  }

  write(text: string): void {
    this.draft.value = text;
    this.#data?.saveDraft(this.conversation.peek().threadId, text);
  }

  send(): void {
    if (!this.canSend.peek()) return;
    const conversation = this.conversation.peek();
    const text = this.draft.peek().trim();
    const last = conversation.messages.peek().at(-1);
    if (last?.draftRestored) conversation.removeTurn(last);
    const { reply } = conversation.addTurn(text);
    this.write('');
    void this.#fetch(conversation, reply);
  }

  ask(text: string): void {
    if (this.isStreaming.peek()) return;
    this.write(text);
    this.send();
  }

  retry(reply: Message): void {
    if (this.isStreaming.peek()) return;
    const conversation = this.conversation.peek();
    const turn = conversation.turnOf(reply);
    if (!turn) return;
    if (reply.draftRestored && this.draft.peek().trim() === turn.prompt.text.peek()) this.write('');
    reply.draftRestored = false;
    reply.failure.value = null;
    reply.state.value = 'streaming';
    void this.#fetch(conversation, reply);
  }

  stop(): void {
    this.#active.peek()?.abort();
    // Not only once the network has noticed: whatever comes from now on belongs to nobody.
    this.#active.value = null;
  }

  newChat(): void {
    if (this.conversation.peek().messages.peek().length === 0) return;
    const draft = this.draft.peek();
    this.stop();
    this.write('');
    this.parts.tokens.useSession(null);
    this.conversation.value = Conversation.start();
    this.write(draft);
    this.#keeper.now();
    this.parts.announcer.say('New chat');
  }

  async #fetch(conversation: Conversation, reply: Message): Promise<void> {
    const turn = conversation.turnOf(reply);
    if (!turn) return;
    const { tokens, gateway, announcer } = this.parts;
    const controller = new AbortController();
    this.#active.value = controller;
    this.sends.value++;
    this.#keeper.now();

    let started = false;
    const painter = new Painter((text) => {
      if (!started) announcer.say('Reply started');
      started = true;
      reply.text.value = text;
      if (conversation === this.conversation.peek()) this.#keeper.soon();
    });
    // Stopping has to show at once, not when the stream has been torn down.
    controller.signal.addEventListener('abort', () => {
      painter.end();
      this.#settle(conversation, reply, stoppedOutcome(reply));
    });

    const open = (token: Token, signal: AbortSignal): AsyncIterable<Piece> => {
      conversation.sessionId = token.sessionId;
      return this.#open(gateway, token, conversation, turn, signal);
    };
    const onText = (text: string) => {
      if (!controller.signal.aborted) painter.add(text);
    };
    const onPause = (pause: Pause | null) => {
      if (pause && !reply.pause.peek()) announcer.say(describePause(pause));
      reply.pause.value = pause;
    };
    const outcome = await fetchReply({ tokens, open, signal: controller.signal, onText, onPause });
    if (controller.signal.aborted) return;
    painter.end();
    this.#active.value = null;
    this.#settle(conversation, reply, outcome);
  }

  async *#open(
    gateway: Gateway,
    token: Token,
    { threadId }: Conversation,
    { prompt, before }: { prompt: Message; before: readonly Message[] },
    signal: AbortSignal,
  ): AsyncGenerator<Piece> {
    const earlier = earlierMessages(before.map((message) => message.toStored()));
    if (earlier.length > 0) this.#threadsKept ??= await gateway.keepsThreads(token);
    const messages: ChatMessage[] = [
      ...(this.#threadsKept ? [] : earlier),
      { role: 'user', content: prompt.text.peek() },
    ];
    yield* gateway.stream(token, { threadId, messages }, signal);
  }

  #settle(conversation: Conversation, reply: Message, outcome: Outcome): void {
    const { announcer } = this.parts;
    switch (outcome.end) {
      case 'complete':
        reply.state.value = 'done';
        announcer.say('Reply finished');
        break;
      case 'stopped':
        reply.state.value = 'stopped';
        announcer.say('Reply stopped');
        break;
      case 'incomplete':
        reply.failure.value = outcome.failure;
        reply.state.value = 'incomplete';
        announcer.say(`Reply incomplete. ${outcome.failure?.message ?? ''}`);
        break;
      case 'failed':
        reply.failure.value = outcome.failure;
        reply.state.value = 'failed';
        announcer.say(`Reply failed. ${outcome.failure.message}`);
        this.#restoreDraft(conversation, reply);
        if (outcome.failure.kind === 'unreachable') void this.#examine(conversation, reply, outcome.failure);
        break;
    }
    if (conversation === this.conversation.peek()) this.#keeper.now();
    if (outcome.end === 'failed' && outcome.step === 'sign-in') {
      if (reply.draftRestored) conversation.removeTurn(reply);
      this.#keeper.now();
      this.parts.onExpired(outcome.failure.message);
    }
    if (outcome.end === 'failed' && outcome.step === 'sign-out') this.parts.onForbidden(outcome.failure.message);
  }

  /** Says why the gateway cannot be reached, unless the reply has been asked for again meanwhile. */
  async #examine(conversation: Conversation, reply: Message, failure: Failure): Promise<void> {
    this.examined.value = reply;
    const diagnosis = await this.parts.diagnose().catch(() => null);
    if (this.examined.peek() === reply) this.examined.value = null;
    if (!diagnosis || reply.failure.peek() !== failure || conversation !== this.conversation.peek()) return;
    reply.failure.value = explained(failure, diagnosis);
    this.parts.announcer.say(diagnosis.message);
    this.#keeper.now();
  }

  /** The prompt goes back into the composer, unless something else has been typed there since. */
  #restoreDraft(conversation: Conversation, reply: Message): void {
    const turn = conversation.turnOf(reply);
    if (!turn || reply.text.peek() !== '') return;
    if (conversation !== this.conversation.peek() || this.draft.peek().trim() !== '') return;
    this.write(turn.prompt.text.peek());
    reply.draftRestored = true;
  }

  #save(): void {
    this.#data?.saveTranscript(this.conversation.peek().toTranscript());
  }
}

/** Who stops a countdown gets the refusal that it was about, and the draft back. */
function stoppedOutcome(reply: Message): Outcome {
  const pause = reply.pause.peek();
  reply.pause.value = null;
  return pause ? { end: 'failed', failure: pause.failure, step: 'show' } : { end: 'stopped' };
}
