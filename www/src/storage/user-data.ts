import type { Area } from './area.ts';
import { parseTranscript, serializeTranscript, type Transcript } from './transcript.ts';

/** So many threads are kept, those that were written last. */
export const MAX_TRANSCRIPTS = 8;
/** So many threads that were replaced are remembered, the last ones. */
export const MAX_SUCCESSORS = 50;

/** Everything that is kept of a user in this browser, under keys that carry the user's id. */
export class UserData {
  readonly #prefix: string;
  /** What is typed in this tab, by its key: the storage may refuse it, and other tabs write there too. */
  readonly #typed = new Map<string, string>();

  constructor(
    private readonly area: Area,
    scope: string,
    userId: string,
  ) {
    this.#prefix = `${usersPrefix(scope)}${userId}:`;
  }

  loadTranscript(threadId: string): Transcript | null {
    const transcript = parseTranscript(this.area.get(this.#transcriptKey(threadId)));
    return transcript?.threadId === threadId ? transcript : null;
  }

  /** The thread that was written last. */
  loadLastTranscript(): Transcript | null {
    const [last] = this.#recent();
    return last === undefined ? null : this.loadTranscript(last);
  }

  saveTranscript(transcript: Transcript): void {
    const { threadId } = transcript;
    const others = this.#recent().filter((id) => id !== threadId);
    for (const old of others.splice(MAX_TRANSCRIPTS - 1)) this.#forget(old);
    const isKept = this.#setAtTheCostOf(others, this.#transcriptKey(threadId), serializeTranscript(transcript));
    if (isKept) this.#setRecent([threadId, ...others]);
    else this.dropTranscript(threadId);
  }

  dropTranscript(threadId: string): void {
    this.#forget(threadId);
    this.#setRecent(this.#recent().filter((id) => id !== threadId));
  }

  /** Of a thread, or of the one that is yet to begin. */
  loadDraft(threadId: string | null): string {
    return this.#loadTyped(this.#draftKey(threadId));
  }

  saveDraft(threadId: string | null, text: string): void {
    this.#saveTyped(this.#draftKey(threadId), text);
  }

  /** What a message is to be changed to, as long as the reply to that has not come. */
  loadEdit(threadId: string): string {
    return this.#loadTyped(this.#editKey(threadId));
  }

  saveEdit(threadId: string, text: string): void {
    this.#saveTyped(this.#editKey(threadId), text);
  }

  /** The thread that stands for this one now, when it was replaced. */
  successorOf(threadId: string): string | null {
    const successors = new Map(this.#successors());
    let last: string | null = null;
    for (let next = successors.get(threadId); next !== undefined; next = successors.get(next)) {
      successors.delete(last ?? threadId);
      last = next;
    }
    return last;
  }

  saveSuccessor(threadId: string, successor: string): void {
    const all = [...this.#successors().filter(([old]) => old !== threadId), [threadId, successor]].slice(-MAX_SUCCESSORS);
    this.area.set(this.#successorsKey, all.map((pair) => pair.join(' ')).join('\n'));
  }

  #successors(): [string, string][] {
    const lines = (this.area.get(this.#successorsKey) ?? '').split('\n');
    return lines.map((line) => line.split(' ')).filter((pair): pair is [string, string] => pair.length === 2);
  }

  #loadTyped(key: string): string {
    return this.#typed.get(key) ?? this.area.get(key) ?? '';
  }

  #saveTyped(key: string, text: string): void {
    this.#typed.set(key, text);
    if (text === '') return this.area.remove(key);
    const [newest, ...others] = this.#recent();
    const count = others.length;
    this.#setAtTheCostOf(others, key, text);
    if (others.length < count) this.#setRecent([newest!, ...others]);
  }

  /** When the storage is full, the threads make room that were written least lately; they leave the list. */
  #setAtTheCostOf(threads: string[], key: string, text: string): boolean {
    while (!this.area.set(key, text)) {
      const oldest = threads.pop();
      if (oldest === undefined) return false;
      this.#forget(oldest);
    }
    return true;
  }

  #forget(threadId: string): void {
    this.area.remove(this.#transcriptKey(threadId));
  }

  #recent(): string[] {
    return (this.area.get(`${this.#prefix}recent`) ?? '').split(' ').filter(Boolean);
  }

  #setRecent(threadIds: readonly string[]): void {
    if (threadIds.length === 0) this.area.remove(`${this.#prefix}recent`);
    else this.area.set(`${this.#prefix}recent`, threadIds.join(' '));
  }

  #transcriptKey(threadId: string): string {
    return `${this.#prefix}transcript:${threadId}`;
  }

  get #successorsKey(): string {
    return `${this.#prefix}successors`;
  }

  #editKey(threadId: string): string {
    return `${this.#prefix}edit:${threadId}`;
  }

  #draftKey(threadId: string | null): string {
    return threadId === null ? `${this.#prefix}new-draft` : `${this.#prefix}draft:${threadId}`;
  }
}

/** Whether a thread is kept here of somebody else than `userId`. */
export function isOfSomebodyElse(area: Area, scope: string, userId: string, threadId: string): boolean {
  const own = `${usersPrefix(scope)}${userId}:`;
  return area.keys().some((key) => key.startsWith(usersPrefix(scope)) && !key.startsWith(own) && key.endsWith(`:transcript:${threadId}`));
}

/** Removes what is kept of every user but `userId`; of all users without one. */
export function purgeUsers(area: Area, scope: string, userId: string | null): void {
  const prefix = usersPrefix(scope);
  const kept = userId === null ? null : `${prefix}${userId}:`;
  for (const key of area.keys()) {
    if (key.startsWith(prefix) && (kept === null || !key.startsWith(kept))) area.remove(key);
  }
}

function usersPrefix(scope: string): string {
  return `chat:${scope}:user:`;
}
