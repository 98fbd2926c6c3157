import type { WindowLike } from 'dompurify';
import { decorate } from './decorate.ts';
import { createSanitizer } from './sanitize.ts';
import { toHtml } from './to-html.ts';

export type MarkdownRenderer = (markdown: string) => DocumentFragment;

/** Markdown from anywhere to nodes that are safe in this page. */
export function createRenderer(window: WindowLike): MarkdownRenderer {
  const sanitize = createSanitizer(window);
  return (markdown) => decorate(sanitize(toHtml(markdown)));
}
