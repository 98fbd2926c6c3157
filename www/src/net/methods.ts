import { siteUrl } from '../lib/base.ts';
import { MethodError } from './method-error.ts';
import { retryAfterSeconds } from './retry-after.ts';

const MAX_MESSAGE = 500;

/** Calls a server method; the session is the cookie's. */
export async function callMethod<Result>(name: string, args: Record<string, unknown> = {}): Promise<Result> {
  const response = await post(siteUrl(`api/_internal/method/${name}`), { args });
  if (!response.ok) throw await refusal(response);
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new MethodError(response.status, 'The server gave an answer that this page does not understand.');
  }
  return (body as { data: Result }).data;
}

async function post(url: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify(body),
    });
  } catch {
    throw new MethodError(0, 'The server cannot be reached. Check the connection and try again.');
  }
}

async function refusal(response: Response): Promise<MethodError> {
  return new MethodError(
    response.status,
    (await plainMessage(response)) || `The server could not do this (status ${response.status}).`,
    response.headers.get('x-modelence-error-code'),
    retryAfterSeconds(response.headers.get('retry-after')),
  );
}

/** The message itself is the body; a web server's own error page is HTML and not for reading out. */
async function plainMessage(response: Response): Promise<string> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('text/plain')) return '';
  const text = (await response.text().catch(() => '')).trim();
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
