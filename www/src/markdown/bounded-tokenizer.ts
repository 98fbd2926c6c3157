import { Tokenizer, type Tokens } from 'marked';

/** What is nested deeper is text: the parser calls itself for each level, and would run out of stack. */
export const MAX_NESTING = 40;

/** A longer link is text. */
export const MAX_LINK = 2000;

/** So many characters are looked through, in all, for the ends of emphasis, links and code in one block; the rest of it is text. */
const MAX_LOOKED_THROUGH = 2_000_000;

/** Looking for the end of a link costs this many times as much. */
const LINK_FACTOR = 5;

/** The parser's tokenizer for one text, which no text can keep busy for long. */
export class BoundedTokenizer extends Tokenizer {
  #depth = 0;
  #lookedThrough = 0;

  override blockquote(src: string): Tokens.Blockquote | undefined {
    return this.#nested(() => super.blockquote(src));
  }

  override list(src: string): Tokens.List | undefined {
    return this.#nested(() => super.list(src));
  }

  override emStrong(src: string, maskedSrc: string, prevChar?: string): Tokens.Em | Tokens.Strong | undefined {
    if (!/^[*_]/.test(src) || !this.#mayLookThrough(src.length)) return undefined;
    return this.#nested(() => super.emStrong(src, maskedSrc, prevChar));
  }

  override link(src: string): Tokens.Link | Tokens.Image | undefined {
    const beginning = src.slice(0, MAX_LINK);
    if (!/^!?\[/.test(src) || !this.#mayLookThrough(LINK_FACTOR * beginning.length)) return undefined;
    return this.#nested(() => super.link(beginning));
  }

  override codespan(src: string): Tokens.Codespan | undefined {
    return src.startsWith('`') && this.#mayLookThrough(src.length) ? super.codespan(src) : undefined;
  }

  #nested<T>(parse: () => T | undefined): T | undefined {
    if (this.#depth >= MAX_NESTING) return undefined;
    this.#depth++;
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  #mayLookThrough(length: number): boolean {
    this.#lookedThrough += length;
    return this.#lookedThrough <= MAX_LOOKED_THROUGH;
  }
}
