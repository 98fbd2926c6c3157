/** Runs `save` some time after the last change that asked for it, and at once when the page goes away. */
export class Keeper {
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly save: () => void,
    private readonly delay = 500,
  ) {}

  /** At the latest `delay` from now. */
  soon(): void {
    this.#timer ??= setTimeout(() => this.now(), this.delay);
  }

  now(): void {
    this.cancel();
    this.save();
  }

  flush(): void {
    if (this.#timer !== null) this.now();
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
