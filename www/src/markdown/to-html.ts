import { Marked, type Tokens } from 'marked';
import { BoundedTokenizer } from './bounded-tokenizer.ts';
import { headingLevel } from './heading-levels.ts';
import { imageLink } from './image-link.ts';
import { harmlessHtml } from './raw-html.ts';

/** Markdown to HTML as the page wants it; not yet safe to show. */
export function toHtml(markdown: string): string {
  return parser.parse(markdown, { async: false, tokenizer: new BoundedTokenizer() });
}

const parser = new Marked({
  gfm: true,
  renderer: {
    heading({ tokens, depth }: Tokens.Heading) {
      const level = headingLevel(depth);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    image({ href, text }: Tokens.Image) {
      return imageLink(href, text);
    },
    html({ text }: Tokens.HTML | Tokens.Tag) {
      return harmlessHtml(text);
    },
    listitem(item: Tokens.ListItem) {
      const mark = item.task ? this.checkbox({ checked: Boolean(item.checked) }) : '';
      const body = this.parser.parse(item.tokens, item.loose);
      return `<li${item.task ? ' class="task"' : ''}>${mark}${body}</li>\n`;
    },
    checkbox({ checked }: Tokens.Checkbox) {
      return checked ? '☑ ' : '☐ ';
    },
    tablecell({ tokens, header, align }: Tokens.TableCell) {
      const tag = header ? 'th' : 'td';
      const alignment = align ? ` class="align-${align}"` : '';
      return `<${tag}${alignment}>${this.parser.parseInline(tokens)}</${tag}>\n`;
    },
  },
});
