import { escapeHtml } from './escape.ts';
import { imageLink } from './image-link.ts';

const FORMATTING = new Set('b br code del em hr i kbd s strong sub sup u'.split(' '));
const LAYOUT = new Set('center details div font p small span summary'.split(' '));

const MARKUP = /<!--[^]*?(?:-->|$)|<(\/?)([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|[<>]/gi;

/**
 * HTML within Markdown: simple formatting works, an image becomes a link, and all else is shown as the text that it
 * is. None of it reaches the HTML parser with an attribute: even in an inert document a browser reports what the
 * content security policy forbids there.
 */
export function harmlessHtml(html: string): string {
  return html.replace(MARKUP, (markup, slash: string | undefined, tag: string | undefined, attributes: string) => {
    if (markup.startsWith('<!--')) return '';
    const name = tag?.toLowerCase() ?? '';
    if (FORMATTING.has(name)) return `<${slash}${name}>`;
    if (LAYOUT.has(name)) return '';
    if (name === 'img') return imageLink(attribute(attributes, 'src'), attribute(attributes, 'alt'));
    return escapeHtml(markup);
  });
}

function attribute(attributes: string, name: string): string {
  const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(attributes);
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
}
