import { signal } from '@preact/signals';
import { messageOf, MethodError } from '../net/method-error.ts';
import * as site from '../net/site.ts';
import type { Configs, User } from '../net/site.ts';
import type { TabChannel } from './tab-channel.ts';

export type Phase = 'starting' | 'unreachable' | 'signedOut' | 'signedIn';

export interface SessionEvents {
  onConfigs(configs: Configs): void;
  /** A user is signed in, perhaps another one than before. */
  onUser(user: User): void;
  /** Nobody is signed in any more; `forget` when what is kept of the user has to go. */
  onLeave(forget: boolean): void;
}

/** Who is signed in. */
export class Session {
  readonly phase = signal<Phase>('starting');
  readonly user = signal<User | null>(null);
  /** Why the person is at the sign-in form, when that needs saying. */
  readonly notice = signal('');
  readonly startError = signal('');
  /** Somebody may have signed in or out at another tab. */
  #isInDoubt = false;

  constructor(
    private readonly events: SessionEvents,
    private readonly channel: TabChannel,
  ) {
    channel.on('session', () => void this.refresh());
  }

  async start(): Promise<void> {
    this.phase.value = 'starting';
    try {
      const { user, configs } = await site.startSession();
      this.events.onConfigs(configs ?? {});
      if (user) this.#enter(user);
      else this.phase.value = 'signedOut';
    } catch (error) {
      this.startError.value = messageOf(error);
      this.phase.value = 'unreachable';
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#enter(await site.logIn(email, password));
    this.channel.tellOthers('session');
  }

  async createAccount(email: string, password: string): Promise<void> {
    try {
      await site.signUp(email, password);
    } catch (error) {
      if (error instanceof MethodError && error.code === 'ALREADY_AUTHENTICATED') return this.refresh();
      throw error;
    }
    try {
      await this.signIn(email, password);
    } catch (error) {
      this.notice.value = `The account has been created. ${messageOf(error)}`;
      throw new AccountCreated();
    }
  }

  async signOut(reason = ''): Promise<void> {
    try {
      await site.logOut();
    } catch (error) {
      if (!(error instanceof MethodError && error.status === 401)) throw error;
    }
    this.#leave(reason, true);
    this.channel.tellOthers('session');
  }

  /** The server no longer knows the session: back to the form, everything kept for the same person's return. */
  expire(reason: string): void {
    this.#leave(reason, false);
  }

  async heartbeat(): Promise<void> {
    if (this.#isInDoubt) return this.refresh();
    try {
      await site.heartbeat();
    } catch (error) {
      if (error instanceof MethodError && error.status === 401) this.expire('Your session has ended. Sign in again to go on.');
    }
  }

  /** Another tab signed in or out: this one follows. */
  async refresh(): Promise<void> {
    this.#isInDoubt = true;
    try {
      const { user } = await site.startSession();
      this.#isInDoubt = false;
      if (user) this.#enter(user);
      else this.#leave('', true);
    } catch {
      // Without an answer nothing is known; the next heartbeat asks again.
    }
  }

  /** A token is for that user: when it is not who is signed in here, the site is asked. Throws when it knows somebody else. */
  async checkUser(userId: string | null): Promise<void> {
    const here = this.user.peek()?.id;
    if (userId === null || userId === here) return;
    await this.refresh();
    // Some gateway may name its users in a way of its own.
    const isSame = !this.#isInDoubt && this.user.peek()?.id === here;
    if (!isSame) throw new MethodError(409, 'Somebody else has signed in with this browser. Reload the page.');
  }

  #enter(user: User): void {
    const isSame = this.phase.peek() === 'signedIn' && this.user.peek()?.id === user.id;
    // Somebody else has signed in at another tab: where this one was is nothing to them.
    if (!isSame) this.#leave('', false);
    this.notice.value = '';
    this.user.value = user;
    if (!isSame) this.events.onUser(user);
    this.phase.value = 'signedIn';
  }

  #leave(reason: string, forget: boolean): void {
    if (this.phase.peek() !== 'signedIn') return;
    this.notice.value = reason;
    this.phase.value = 'signedOut';
    this.events.onLeave(forget);
    this.user.value = null;
  }
}

/** The account exists, but signing in to it right away failed. */
export class AccountCreated extends Error {}
