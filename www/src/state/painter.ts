/** Has a function called once with the next frame; answers what calls that off. */
export type Scheduler = (callback: () => void) => () => void;

/** A page that is hidden, or about to be, has no frames. */
const LONGEST_FRAME_MS = 250;

/** The next animation frame, or a while later where there is none. */
export const nextFrame: Scheduler = (callback) => {
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const run = () => {
    cancel();
    callback();
  };
  const frame = requestAnimationFrame(run);
  const timer = window.setTimeout(run, LONGEST_FRAME_MS);
  return cancel;
};

/**
 * Collects the pieces of a reply and hands them on once per frame; the first one at once, since that is the
 * one a person waits for.
 */
export class Painter {
  #text = '';
  #painted = false;
  #cancelFrame: (() => void) | null = null;

  constructor(
    private readonly paint: (text: string) => void,
    private readonly schedule: Scheduler = nextFrame,
  ) {}

  add(text: string): void {
    this.#text += text;
    if (!this.#painted) this.flush();
    else this.#cancelFrame ??= this.schedule(() => this.flush());
  }

  flush(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    this.#painted = true;
    this.paint(this.#text);
  }

  /** Ends painting, with what arrived since the last frame. */
  end(): void {
    if (this.#cancelFrame) this.flush();
  }
}
