/** The level of the heading under which every reply stands. */
const REPLY_LEVEL = 2;

/** The page's and the reply's own headings come before those in the text. */
export function headingLevel(depth: number): number {
  return Math.min(depth + REPLY_LEVEL, 6);
}

/**
 * For each block the deepest level that its first heading may have: a text that begins with `###` or goes from `#` to
 * `####` must not skip levels, by which people find their way.
 */
export function headingLimits(blocks: readonly string[]): number[] {
  let last = REPLY_LEVEL;
  return blocks.map((block) => {
    const limit = last + 1;
    const depth = headingDepth(block);
    if (depth > 0) last = Math.min(headingLevel(depth), limit);
    return limit;
  });
}

function headingDepth(block: string): number {
  const hashes = /^ {0,3}(#{1,6})(?:\s|$)/.exec(block)?.[1];
  if (hashes) return hashes.length;
  const underline = /\S.*\n {0,3}(=+|-+)[ \t]*\s*$/.exec(block)?.[1];
  return underline ? (underline.startsWith('=') ? 1 : 2) : 0;
}

/** Sets the levels within one block. */
export function limitHeadings(fragment: DocumentFragment, firstLimit: number): void {
  let limit = firstLimit;
  for (const heading of fragment.querySelectorAll('h3, h4, h5, h6')) {
    const level = Number(heading.nodeName[1]);
    if (level > limit) heading.setAttribute('aria-level', String(limit));
    limit = Math.min(level, limit) + 1;
  }
}
