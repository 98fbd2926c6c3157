import { APIConnectionError, APIError } from 'openai/core/error';
import { keptDiagnosis, type Diagnosis } from './diagnosis.ts';
import { MethodError } from './method-error.ts';
import { retryAfterSeconds } from './retry-after.ts';

export type FailureKind =
  | 'invalid'
  | 'unauthorized'
  | 'quota'
  | 'forbidden'
  | 'notFound'
  | 'rateLimited'
  | 'server'
  | 'unreachable'
  | 'offline'
  | 'disconnected'
  | 'cut';

/** What went wrong, in the page's own terms; plain data, so that it can be kept with the transcript. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly status: number | null;
  readonly retryAfter: number | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  /** By which the gateway's log names the request. */
  readonly traceId: string | null;
  /** Why the gateway was unreachable, once that is known. */
  readonly diagnosis: Diagnosis | null;
}

/** The gateway answered something else than what was asked for. */
export class UnexpectedAnswer extends Error {}

/** What the gateway, or the way to it, did. */
export function gatewayFailure(error: unknown): Failure {
  if (error instanceof UnexpectedAnswer) return failure('server', null, null);
  if (error instanceof APIConnectionError) return failure('unreachable', null, null);
  if (error instanceof APIError && typeof error.status === 'number') return refusal(error, error.status);
  if (error instanceof APIError) return failure('server', null, bodyMessage(error.error));
  return failure('cut', null, null);
}

/** Nothing can be reached, since this device has no connection at all. */
export function disconnected(): Failure {
  return failure('disconnected', null, null);
}

/** What this site's own mint did. */
export function mintFailure(error: unknown): Failure {
  if (!(error instanceof MethodError)) return failure('server', null, null);
  if (error.status === 0) return failure('offline', null, error.message);
  const kind = kindOfStatus(error.status);
  const message = kind === 'unauthorized' || kind === 'forbidden' ? null : error.message;
  return { ...failure(kind, error.status, message), retryAfter: error.retryAfter };
}

/** A failure that was kept; null for what is none. */
export function keptFailure(value: unknown): Failure | null {
  const kept = asRecord(value);
  const kind = Object.keys(DEFAULT_MESSAGES).find((known) => known === kept?.['kind']) as FailureKind | undefined;
  if (!kept || !kind || typeof kept['message'] !== 'string') return null;
  return {
    kind,
    message: kept['message'],
    status: numberOrNull(kept['status']),
    retryAfter: numberOrNull(kept['retryAfter']),
    details: asRecord(kept['details']),
    traceId: typeof kept['traceId'] === 'string' ? kept['traceId'] : null,
    diagnosis: keptDiagnosis(kept['diagnosis']),
  };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function refusal(error: APIError, status: number): Failure {
  const headers = error.headers;
  const body = asRecord(error.error);
  return {
    ...failure(kindOfStatus(status), status, bodyMessage(body)),
    retryAfter: retryAfterSeconds(headers?.get('retry-after')),
    details: asRecord(body?.['details']),
    traceId: headers?.get('x-trace-id')?.slice(0, 100) || null,
  };
}

function kindOfStatus(status: number): FailureKind {
  if (status === 401) return 'unauthorized';
  if (status === 402) return 'quota';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'notFound';
  if (status === 429) return 'rateLimited';
  return status >= 500 ? 'server' : 'invalid';
}

const DEFAULT_MESSAGES: Record<FailureKind, string> = {
  invalid: 'The message was not accepted.',
  unauthorized: 'Your session has ended. Sign in again to go on.',
  quota: 'The quota of your plan is used up.',
  forbidden: 'You are not allowed to use this chat.',
  notFound: 'The chat service does not know this project or conversation.',
  rateLimited: 'Too many messages in a short time. Wait a moment, then try again.',
  server: 'The chat service has a problem. Try again in a moment.',
  unreachable: 'The chat service cannot be reached, or does not let this site in. Check the connection and try again.',
  offline: 'The server cannot be reached. Check the connection and try again.',
  disconnected: 'This device is offline. Connect it, then try again.',
  cut: 'The connection was lost before the reply had ended.',
};

function failure(kind: FailureKind, status: number | null, message: string | null): Failure {
  return {
    kind,
    message: message || DEFAULT_MESSAGES[kind],
    status,
    retryAfter: null,
    details: null,
    traceId: null,
    diagnosis: null,
  };
}

/** The same failure, with what was found out about it. */
export function explained(failure: Failure, diagnosis: Diagnosis): Failure {
  return { ...failure, message: diagnosis.message, diagnosis };
}

function bodyMessage(body: unknown): string | null {
  const message = asRecord(body)?.['message'];
  return typeof message === 'string' && message !== '' ? message.slice(0, 500) : null;
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}
