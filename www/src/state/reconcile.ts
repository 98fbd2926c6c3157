import type { KeptMessage } from '../net/threads.ts';
import type { MessageState, StoredMessage } from '../storage/transcript.ts';

/**
 * What to show of a thread, from what this browser has and what the gateway has. The gateway tells which messages there
 * are; this browser knows better how a reply ended that it stopped or lost, and has what never reached the gateway.
 * With `isPart` the gateway told only the newest messages, and the earlier ones are this browser's.
 */
export function reconcile(
  local: readonly StoredMessage[],
  kept: readonly KeptMessage[],
  isPart = false,
): StoredMessage[] {
  const partners = match(local, kept);
  const known = kept.map((message, index) => merge(partners[index] ?? null, message, index));
  const matched = new Set(partners);
  const first = local.findIndex((message) => matched.has(message));
  const last = local.map((message) => matched.has(message)).lastIndexOf(true);
  const earlier = isPart && first > 0 ? local.slice(0, first) : [];
  return [...earlier, ...known, ...neverArrived(local.slice(last + 1), matched)];
}

/** Whether what the gateway has of a thread's end is all here. */
export function holdsAll(local: readonly StoredMessage[], kept: readonly KeptMessage[]): boolean {
  const partners = match(local, kept);
  // What the gateway tells may begin within a turn.
  const first = kept.findIndex(({ role }) => role === 'user');
  return first >= 0 && partners.slice(first).every((partner) => partner !== undefined);
}

/** For each kept message the one of this browser that is the same. */
function match(local: readonly StoredMessage[], kept: readonly KeptMessage[]): (StoredMessage | undefined)[] {
  const partners: (StoredMessage | undefined)[] = kept.map(
    ({ id }) => (id === null ? undefined : local.find((message) => message.keptId === id)),
  );
  const lastById = partners.map((partner) => partner !== undefined).lastIndexOf(true);
  let free = kept.length - 1;
  for (const [prompt, reply] of turnsOf(local).reverse()) {
    if (prompt.keptId !== null && partners.includes(prompt)) {
      const index = partners.indexOf(prompt);
      if (reply && kept[index + 1]?.role === 'assistant') partners[index + 1] ??= reply;
      continue;
    }
    const index = lastPrompt(kept, prompt.text, free, lastById);
    if (index < 0) continue;
    partners[index] = prompt;
    if (reply && kept[index + 1]?.role === 'assistant') partners[index + 1] = reply;
    free = index - 1;
  }
  return partners;
}

function lastPrompt(kept: readonly KeptMessage[], text: string, from: number, after: number): number {
  for (let index = from; index > after; index--) {
    if (kept[index]!.role === 'user' && kept[index]!.text === text) return index;
  }
  return -1;
}

function turnsOf(messages: readonly StoredMessage[]): [StoredMessage, StoredMessage | undefined][] {
  return messages.flatMap((message, index) => {
    if (message.role !== 'user') return [];
    const next = messages[index + 1];
    return [[message, next?.role === 'assistant' ? next : undefined]];
  });
}

function merge(local: StoredMessage | null, kept: KeptMessage, index: number): StoredMessage {
  const fresh = {
    id: local?.id ?? `kept-${kept.id ?? index}`,
    keptId: kept.id,
    role: kept.role,
    draftRestored: false,
  };
  if (!local || kept.role === 'user') return { ...fresh, text: kept.text, state: kept.state, failure: null };
  // What a person has stopped stays where it was stopped, however far the gateway came before it noticed.
  if (local.state === 'stopped' && kept.text.startsWith(local.text)) {
    return { ...fresh, text: local.text, state: 'stopped', failure: null };
  }
  const text = local.text.startsWith(kept.text) && kept.state !== 'done' ? local.text : kept.text;
  const state = merged(local.state, kept.state);
  return { ...fresh, text, state, failure: state === 'incomplete' ? local.failure : null };
}

/** The gateway takes a reader who was cut off for one who stopped it. */
function merged(local: MessageState, kept: MessageState): MessageState {
  const wasCutOff = local === 'incomplete' || local === 'failed';
  return kept === 'stopped' && wasCutOff ? 'incomplete' : kept;
}

/** The last turns of this browser that the gateway knows nothing of. */
function neverArrived(rest: readonly StoredMessage[], matched: ReadonlySet<StoredMessage | undefined>): StoredMessage[] {
  return turnsOf(rest).flatMap(([prompt, reply]) => {
    const isOld = prompt.keptId !== null || matched.has(prompt);
    return isOld || !reply || reply.text !== '' ? [] : [prompt, reply];
  });
}
