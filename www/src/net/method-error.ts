/** A refused method call. `status` is 0 when no answer came at all. */
export class MethodError extends Error {
  override readonly name = 'MethodError';

  constructor(
    readonly status: number,
    message: string,
    readonly code: string | null = null,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** What to tell a person about an error. */
export function messageOf(error: unknown): string {
  return error instanceof MethodError ? error.message : 'Something went wrong on this page. Reload it and try again.';
}
