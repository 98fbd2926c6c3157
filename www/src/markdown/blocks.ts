import { Lexer, type Token } from 'marked';
import { BoundedTokenizer } from './bounded-tokenizer.ts';

/**
 * Splits a growing Markdown text into blocks that are finished for good and a rest that may still change, so
 * that a long reply costs no more per frame than its last paragraph.
 */
export class BlockSplitter {
  #finished: string[] = [];
  #consumed = '';
  #lexedTo = 0;

  /**
   * The blocks of a text. What follows the finished ones (a block that may go on, and perhaps the beginning of the
   * next) may change; all before stay the same for every longer text that begins with this one.
   */
  split(source: string): readonly string[] {
    const text = withUnixLineEnds(source);
    if (!text.startsWith(this.#consumed)) this.#reset();
    this.#finishBlocks(text);
    return [...this.#finished, ...blockRaws(text.slice(this.#consumed.length))];
  }

  /** How many of the blocks that split() answered last are finished. */
  get finishedCount(): number {
    return this.#finished.length;
  }

  /** The blocks of a text that grows no more. A link defined at its end may be used at its beginning, so the definitions follow there. */
  splitWhole(source: string): readonly string[] {
    const blocks = this.split(ENDS_IN_DEFINITION.test(source) ? `${source}\n` : source);
    const definitions = definitionsIn(blocks);
    return blocks.map((block) => {
      const used = new Set(labelsIn(block).flatMap((label) => definitions.get(label) ?? []));
      return used.size > 0 && mayUseDefinitions(block) ? `${block}\n\n${[...used].join('\n')}` : block;
    });
  }

  #reset(): void {
    this.#finished = [];
    this.#consumed = '';
    this.#lexedTo = 0;
  }

  /** Only whole lines decide: the beginning of a line can look like a paragraph and become a list item. */
  #finishBlocks(text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    if (end <= this.#lexedTo) return;
    this.#lexedTo = end;
    const raws = blockRaws(text.slice(this.#consumed.length, end));
    const finished = raws.slice(0, -1);
    if (finished.length === 0) return;
    this.#finished = [...this.#finished, ...finished];
    this.#consumed += finished.join('');
  }
}

function withUnixLineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** Not code, which may have no end, so that the definitions would be part of it; nor definitions themselves. */
function mayUseDefinitions(block: string): boolean {
  return !DEFINITIONS.test(block) && lex(block)[0]?.type !== 'code';
}

/** What stands in brackets, as labels are compared; quotes and tables have signs in it that are not theirs. */
function labelsIn(block: string): string[] {
  return [...block.matchAll(/\[([^[\]]+)\]/g)].map(([, label]) =>
    label!.toLowerCase().replace(/\n[ >]+/g, ' ').replaceAll('\\|', '|').replace(/\s+/g, ' '),
  );
}

/** The lines that define links, by their labels: the first one counts. The lexer has no tokens for them. */
function definitionsIn(blocks: readonly string[]): Map<string, string> {
  const definitions = new Map<string, string>();
  for (const block of blocks) {
    if (!DEFINITIONS.test(block) || !lex(block).every(({ type }) => type === 'space')) continue;
    for (const line of block.split('\n')) {
      const [label] = labelsIn(line);
      if (label !== undefined && !definitions.has(label)) definitions.set(label, line);
    }
  }
  return definitions;
}

/** Without the end of its line. */
const ENDS_IN_DEFINITION = /(?:^|\n) {0,3}\[[^\]\n]+\]:[^\n]*\S[^\n]*$/;

/** Whole lines, each a definition or blank. */
const DEFINITIONS = /^(?: {0,3}\[[^\]\n]+\]:[^\S\n]*\S[^\n]*\n+)+$/;

function lex(source: string): Token[] {
  return new Lexer({ gfm: true, tokenizer: new BoundedTokenizer() }).blockTokens(source);
}

/** The sources of the blocks in order, blank lines counted to the block before them. */
function blockRaws(source: string): string[] {
  const raws: string[] = [];
  let offset = 0;
  const passOver = (end: number): boolean => {
    const skipped = source.slice(offset, Math.max(offset, end));
    if (!skipped.endsWith('\n') || !DEFINITIONS.test(skipped)) return false;
    raws.push(skipped);
    offset = end;
    return true;
  };
  for (const token of lex(source)) {
    // The lexer rewrites tabs in places; a source that cannot be found again is not split there.
    if (!source.startsWith(token.raw, offset) && !passOver(source.indexOf(token.raw, offset))) return [source];
    offset += token.raw.length;
    if (token.type === 'space' && raws.length > 0) raws[raws.length - 1] += token.raw;
    else raws.push(token.raw);
  }
  if (offset !== source.length && !passOver(source.length)) return [source];
  return raws;
}
