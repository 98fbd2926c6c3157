export interface FrameScheduler {
  request(callback: () => void): number;
  cancel(id: number): void;
}

/** Animation frames, or a timer while the page is hidden and has none. */
export const frames: FrameScheduler = {
  request: (callback) =>
    document.hidden ? -window.setTimeout(callback, 250) : requestAnimationFrame(callback),
  cancel: (id) => (id < 0 ? clearTimeout(-id) : cancelAnimationFrame(id)),
};

/**
 * Collects the pieces of a reply and hands them on once per frame; the first one at once, since that is the
 * one a person waits for.
 */
export class Painter {
  #text = '';
  #painted = false;
  #frame: number | null = null;

  constructor(
    private readonly paint: (text: string) => void,
    private readonly scheduler: FrameScheduler = frames,
  ) {}

  add(text: string): void {
    this.#text += text;
    if (!this.#painted) this.flush();
    else this.#frame ??= this.scheduler.request(() => this.flush());
  }

  flush(): void {
    if (this.#frame !== null) this.scheduler.cancel(this.#frame);
    this.#frame = null;
    this.#painted = true;
    this.paint(this.#text);
  }

  /** Ends painting, with what arrived since the last frame. */
  end(): void {
    if (this.#frame !== null) this.flush();
  }
}
