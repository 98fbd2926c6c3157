import type { Area } from './area.ts';
import { parseTranscript, serializeTranscript, type Transcript } from './transcript.ts';

/** Everything that is kept of a user in this browser, under keys that carry the user's id. */
export class UserData {
  readonly #prefix: string;

  constructor(
    private readonly area: Area,
    scope: string,
    userId: string,
  ) {
    this.#prefix = `${usersPrefix(scope)}${userId}:`;
  }

  loadTranscript(): Transcript | null {
    return parseTranscript(this.area.get(`${this.#prefix}transcript`));
  }

  saveTranscript(transcript: Transcript): void {
    const key = `${this.#prefix}transcript`;
    if (!this.area.set(key, serializeTranscript(transcript))) this.area.remove(key);
  }

  loadDraft(threadId: string): string {
    return this.area.get(this.#draftKey(threadId)) ?? '';
  }

  saveDraft(threadId: string, text: string): void {
    if (text === '') this.area.remove(this.#draftKey(threadId));
    else this.area.set(this.#draftKey(threadId), text);
  }

  #draftKey(threadId: string): string {
    return `${this.#prefix}draft:${threadId}`;
  }
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
