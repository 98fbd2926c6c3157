/** What is known of a scroller at one moment. */
export interface Position {
  readonly top: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** At most this far from the end counts as being there. */
export const END_PX = 8;

/**
 * Decides whether the view follows the newest text. Only a person's own scrolling changes that: a movement counts
 * as a person's when neither the page nor the browser (which clamps the position when content shrinks) made it.
 */
export class ScrollAttribution {
  #pinned = true;
  #last: Position;

  constructor(position: Position) {
    this.#last = position;
  }

  get isPinned(): boolean {
    return this.#pinned;
  }

  /** The scroller was seen somewhere; whoever moved it. */
  observe(now: Position): void {
    const moved = now.top - this.#last.top;
    const wasClamped = moved < 0 && distance(now) <= 1 && maxTop(now) < maxTop(this.#last);
    // The view may have grown and shrunk again since it was last seen, and been clamped in between.
    const wasResized = moved < 0 && now.clientHeight !== this.#last.clientHeight;
    if (Math.abs(moved) >= 1 && !wasClamped && !wasResized) this.#pinned = moved > 0 ? this.#pinned || distance(now) <= END_PX : false;
    this.#last = now;
  }

  /** A person asks to go up: no need to wait for the movement. */
  wantUp(now: Position): void {
    if (now.top > 0) this.#pinned = false;
    this.#last = now;
  }

  /** The page itself has moved the view to the end. */
  movedToEnd(now: Position): void {
    this.#pinned = true;
    this.#last = now;
  }
}

function maxTop({ scrollHeight, clientHeight }: Position): number {
  return Math.max(0, scrollHeight - clientHeight);
}

export function distance(position: Position): number {
  return maxTop(position) - position.top;
}
