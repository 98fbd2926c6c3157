import type { Diagnosis } from './diagnosis.ts';

/** The search for what keeps a request from being answered; it goes on while the request is repeated. */
export class Examination {
  /** Null while nothing has been found out. */
  found: Diagnosis | null = null;
  /** Null when nothing can be found out. Never rejects. */
  readonly diagnosis: Promise<Diagnosis | null>;

  constructor(diagnosis: Promise<Diagnosis>) {
    this.diagnosis = diagnosis.then(
      (found) => (this.found = found),
      () => null,
    );
  }

  /** The gateway does not let this site in, and will not at the next request either. */
  get isFinal(): boolean {
    return this.found?.cause === 'origin' || this.found?.cause === 'setup';
  }
}
