import { keptFailure, type Failure } from '../net/failure.ts';
import type { KeptState, Role } from '../net/threads.ts';

export type MessageState = KeptState | 'failed';

export interface StoredMessage {
  readonly id: string;
  /** The gateway's id of it, once that is known. */
  readonly keptId: string | null;
  readonly role: Role;
  readonly text: string;
  readonly state: MessageState;
  readonly failure: Failure | null;
  /** The prompt of this failed reply has been put back into the composer. */
  readonly draftRestored: boolean;
}

export interface Transcript {
  readonly threadId: string;
  readonly sessionId: string | null;
  /** The gateway has had the thread. */
  readonly isKept: boolean;
  readonly messages: readonly StoredMessage[];
}

const VERSION = 1;
/** Browsers give an origin about five million characters in all. */
const MAX_CHARACTERS = 1_500_000;

/** As JSON, with the oldest messages left out where there is too much. */
export function serializeTranscript(transcript: Transcript): string {
  let size = 0;
  let first = transcript.messages.length;
  while (first > 0) {
    size += transcript.messages[first - 1]!.text.length;
    if (size > MAX_CHARACTERS) break;
    first--;
  }
  return JSON.stringify({ version: VERSION, ...transcript, messages: transcript.messages.slice(first) });
}

/** Reads what was kept. A reply that was streaming then has lost its stream, so it is incomplete now. */
export function parseTranscript(json: string | null): Transcript | null {
  if (!json) return null;
  try {
    const kept = JSON.parse(json) as Partial<Transcript> & { version?: number };
    if (kept.version !== VERSION || typeof kept.threadId !== 'string' || !Array.isArray(kept.messages)) return null;
    return {
      threadId: kept.threadId,
      sessionId: typeof kept.sessionId === 'string' ? kept.sessionId : null,
      isKept: kept.isKept === true,
      messages: kept.messages.filter(isMessage).map(settled),
    };
  } catch {
    return null;
  }
}

function settled(message: StoredMessage): StoredMessage {
  return {
    id: message.id,
    keptId: typeof message.keptId === 'string' ? message.keptId : null,
    role: message.role,
    text: message.text,
    state: message.state === 'streaming' ? 'incomplete' : message.state,
    failure: keptFailure(message.failure),
    draftRestored: message.draftRestored === true,
  };
}

const STATES: readonly unknown[] = ['done', 'streaming', 'stopped', 'incomplete', 'failed'];

function isMessage(value: unknown): value is StoredMessage {
  const message = value as StoredMessage | null;
  return (
    typeof message === 'object' &&
    message !== null &&
    typeof message.id === 'string' &&
    typeof message.text === 'string' &&
    (message.role === 'user' || message.role === 'assistant') &&
    STATES.includes(message.state)
  );
}
