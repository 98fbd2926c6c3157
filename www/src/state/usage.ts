import { effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import { claimsOf } from '../net/claims.ts';
import { gatewayFailure } from '../net/failure.ts';
import type { Token, TokenSource } from '../net/token.ts';
import type { DayUsage } from '../net/usage.ts';

export interface UsageParts {
  /** Where tokens come from at the moment. */
  readonly tokens: () => Pick<TokenSource, 'get' | 'discard'>;
  readonly read: (token: Token) => Promise<DayUsage | null>;
}

/** What the signed-in person has used today, and the tier, where the gateway tells. */
export class Usage {
  readonly isOpen = signal(false);
  readonly today = signal<DayUsage | null>(null);
  readonly tier = signal<number | null>(null);
  readonly hasFailed = signal(false);
  #asked = 0;

  constructor(private readonly parts: UsageParts) {}

  /** While it is on view it is asked for anew, at the beginning and after each reply. */
  follow(isStreaming: ReadonlySignal<boolean>): void {
    effect(() => {
      if (this.isOpen.value && !isStreaming.value) untracked(() => void this.refresh());
    });
  }

  /** A token has been minted: the first one tells whether the gateway offers usage at all. */
  noteToken(token: Token): void {
    this.tier.value = claimsOf(token.token).tier;
    if (this.today.peek() === null) void this.#show(() => this.parts.read(token));
  }

  refresh(): Promise<void> {
    return this.#show(async () => {
      const tokens = this.parts.tokens();
      const token = await tokens.get();
      return this.parts.read(token).catch((error: unknown) => {
        if (gatewayFailure(error).kind === 'unauthorized') tokens.discard(token);
        throw error;
      });
    });
  }

  clear(): void {
    this.#asked++;
    this.isOpen.value = false;
    this.today.value = null;
    this.tier.value = null;
    this.hasFailed.value = false;
  }

  async #show(ask: () => Promise<DayUsage | null>): Promise<void> {
    const number = ++this.#asked;
    const answer = await ask().catch(() => undefined);
    if (number !== this.#asked) return;
    this.hasFailed.value = answer === undefined;
    if (answer === undefined) return;
    this.today.value = answer;
    if (answer === null) this.isOpen.value = false;
  }
}
