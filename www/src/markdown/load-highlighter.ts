import type { Highlight } from './code-highlighter.ts';

/** The file's name, beside this script's; the build puts it in. */
declare const HIGHLIGHTER_FILE: string;

export async function loadHighlighter(): Promise<Highlight> {
  const url = new URL(HIGHLIGHTER_FILE, import.meta.url).href;
  const { highlight } = (await import(url)) as typeof import('./highlight.ts');
  return highlight;
}
