import { escapeHtml } from './escape.ts';

/** An image would be fetched from wherever its author likes, so it becomes a link. */
export function imageLink(href: string, alt: string): string {
  const label = escapeHtml(alt.trim() || 'Image');
  return /^https?:\/\//i.test(href) ? `<a href="${escapeHtml(href)}">${label}</a>` : label;
}
