import { signal } from '@preact/signals';

/** What the page's one status line says to assistive technology. */
export class Announcer {
  readonly text = signal('');
  #repeat = false;

  say(text: string): void {
    // The same words twice are no change, and no change is not read out.
    this.#repeat = text === this.text.peek().trimEnd() && !this.#repeat;
    this.text.value = this.#repeat ? `${text}\u00a0` : text;
  }
}
