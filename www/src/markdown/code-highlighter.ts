import { highlightedNodes } from './highlighted-nodes.ts';
import { languageNamed } from './languages.ts';

export type Highlight = (code: string, language: string) => string;

/** Longer code stays plain: highlighting it would be felt. */
const MAX_CHARACTERS = 20_000;

/** How far from the view code is highlighted already. */
const MARGIN = '200px';

/** What is only scrolled past is not worth it. */
const REST_MS = 100;

/** Highlights code that is on view, and never while some of it is selected, which would end the selection. */
export class CodeHighlighter {
  #highlight: Promise<Highlight> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #onView = new Set<HTMLElement>();
  readonly #observer = new IntersectionObserver((entries) => this.#note(entries), { rootMargin: MARGIN });

  constructor(private readonly load: () => Promise<Highlight>) {
    document.addEventListener('selectionchange', () => this.#soon());
  }

  /** Looks after the code within an element that changes no more. */
  watch(element: Element): void {
    for (const code of element.querySelectorAll<HTMLElement>('pre > code')) {
      if (languageOf(code) && code.textContent.length <= MAX_CHARACTERS) this.#observer.observe(code);
    }
  }

  #note(entries: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) this.#onView.add(target as HTMLElement);
      else this.#onView.delete(target as HTMLElement);
    }
    this.#soon();
  }

  #soon(delay = REST_MS): void {
    if (this.#onView.size > 0) this.#timer ??= setTimeout(() => void this.#next(), delay);
  }

  /** One at a time, so that many make no long task. */
  async #next(): Promise<void> {
    const highlight = this.#onView.size > 0 ? await this.#loaded() : null;
    this.#timer = null;
    const code = [...this.#onView].find((each) => !isSelected(each));
    if (!highlight || !code) return;
    this.#onView.delete(code);
    this.#observer.unobserve(code);
    show(code, highlight);
    this.#soon(0);
  }

  /** Null when it could not be loaded; the next code tries again. */
  async #loaded(): Promise<Highlight | null> {
    try {
      return await (this.#highlight ??= this.load());
    } catch {
      this.#highlight = null;
      return null;
    }
  }
}

function show(code: HTMLElement, highlight: Highlight): void {
  const language = languageOf(code);
  if (!language || !code.isConnected || code.childElementCount > 0) return;
  code.replaceChildren(highlightedNodes(document, highlight(code.textContent, language)));
}

function languageOf(code: HTMLElement): string | null {
  const name = /(?:^| )language-(\S+)/.exec(code.className)?.[1];
  return name ? languageNamed(name) : null;
}

function isSelected(element: HTMLElement): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}
