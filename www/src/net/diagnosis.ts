/** What `behest.checkGateway` answers: the server asked the gateway what the browser asks before it sends a message. */
export interface GatewayCheck {
  readonly verdict: string;
  readonly message: string;
  readonly advice?: string;
  readonly origin: string;
  readonly gateway: string;
}

export type Cause = 'origin' | 'setup' | 'down' | 'between';

/** Why the browser got no answer, in the page's own terms; plain data, so that it can be kept with the transcript. */
export interface Diagnosis {
  readonly cause: Cause;
  /** For whoever chats. */
  readonly message: string;
  /** What the server found, and what whoever runs the site has to do about it. */
  readonly found: string;
  readonly advice: string;
  /** This site's address as browsers call it. */
  readonly origin: string;
  readonly gateway: string;
}

// Whatever else there is means that the gateway gives no answer at all, or none that makes sense.
const CAUSES = new Map<string, Cause>([
  ['allowed', 'between'],
  ['sameOrigin', 'between'],
  ['noAllowOrigin', 'origin'],
  ['otherOrigin', 'origin'],
  ['loopback', 'setup'],
  ['mixedContent', 'setup'],
  ['severalOrigins', 'setup'],
  ['headerRefused', 'setup'],
  ['methodRefused', 'setup'],
  ['redirect', 'setup'],
]);

const MESSAGES: Readonly<Record<Cause, string>> = {
  origin: 'The chat service does not let this site in.',
  setup: 'The chat service is not set up for this site yet.',
  down: 'The chat service is down at the moment. Try again later.',
  between:
    'The chat service works, but this browser cannot reach it. Check the connection, and extensions that block requests.',
};

export function diagnose(check: GatewayCheck): Diagnosis {
  const cause = CAUSES.get(check.verdict) ?? 'down';
  return {
    cause,
    message: MESSAGES[cause],
    found: sentence(check.message),
    advice: sentence(check.advice),
    origin: String(check.origin),
    gateway: String(check.gateway),
  };
}

/** A diagnosis that was kept; null for what is none. */
export function keptDiagnosis(value: unknown): Diagnosis | null {
  const kept = value as Record<keyof Diagnosis, unknown> | null;
  if (typeof kept !== 'object' || kept === null) return null;
  const { cause, message, found, advice, origin, gateway } = kept;
  const isWhole = [message, found, advice, origin, gateway].every((text) => typeof text === 'string');
  return isWhole && Object.hasOwn(MESSAGES, String(cause)) ? (kept as Diagnosis) : null;
}

const MAX_SENTENCE = 1000;

function sentence(text: string | undefined): string {
  const trimmed = typeof text === 'string' ? text.trim().slice(0, MAX_SENTENCE) : '';
  return trimmed && `${trimmed[0]!.toUpperCase()}${trimmed.slice(1).replace(/\.$/, '')}.`;
}
