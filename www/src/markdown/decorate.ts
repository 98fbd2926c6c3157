export const COPY_CODE_CLASS = 'copy-code';

/** What is written from right to left or from left to right, by its first letter, with all that is in it. */
const WITH_DIRECTION = 'blockquote, h1, h2, h3, h4, h5, h6, ol, p, table, ul';

/** Adds what belongs to the page rather than to the text: directions, a bar with Copy over code, room to scroll for wide parts. */
export function decorate(fragment: DocumentFragment): DocumentFragment {
  const document = fragment.ownerDocument;
  for (const element of fragment.children) if (element.matches(WITH_DIRECTION)) element.setAttribute('dir', 'auto');
  for (const pre of fragment.querySelectorAll('pre')) {
    const block = document.createElement('div');
    block.className = 'code-block';
    pre.replaceWith(block);
    pre.tabIndex = 0;
    pre.dir = 'ltr';
    block.append(codeBar(document, pre), pre);
  }
  for (const table of fragment.querySelectorAll('table')) {
    const scroller = document.createElement('div');
    scroller.className = 'table-scroll';
    scroller.tabIndex = 0;
    // Not a region: those are the parts of the page, and each needs a name of its own.
    scroller.setAttribute('role', 'group');
    scroller.setAttribute('aria-label', 'Table');
    table.replaceWith(scroller);
    scroller.append(table);
  }
  return fragment;
}

function codeBar(document: Document, pre: HTMLElement): HTMLElement {
  const bar = document.createElement('div');
  bar.className = 'code-bar';
  const language = document.createElement('span');
  language.textContent = /language-(\S+)/.exec(pre.querySelector('code')?.className ?? '')?.[1] ?? 'text';
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `${COPY_CODE_CLASS} quiet-button`;
  button.textContent = 'Copy';
  button.setAttribute('aria-label', 'Copy code');
  bar.append(language, button);
  return bar;
}
