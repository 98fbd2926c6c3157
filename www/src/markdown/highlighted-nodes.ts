const PARTS = /<span class="([^"]*)">|<\/span>|&(amp|lt|gt|quot|#x27);|[^<&]+|[<&]/g;
const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" };
const CLASS = /^(?:hljs-[\w-]+|language-[\w-]+|[\w-]+_)$/;

/**
 * The highlighter's HTML as nodes. It can make nothing but spans with classes and text, whatever the HTML is, and needs
 * no HTML parser.
 */
export function highlightedNodes(document: Document, html: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let parent: Node = fragment;
  for (const [part, className, entity] of html.matchAll(PARTS)) {
    if (className !== undefined) {
      const span = document.createElement('span');
      span.className = className.split(' ').filter((name) => CLASS.test(name)).join(' ');
      parent = parent.appendChild(span);
    } else if (part === '</span>') {
      parent = parent.parentNode ?? fragment;
    } else {
      addText(parent, entity === undefined ? part : CHARACTERS[entity]!);
    }
  }
  return fragment;
}

function addText(parent: Node, text: string): void {
  const last = parent.lastChild;
  if (last?.nodeType === 3) last.nodeValue += text;
  else parent.appendChild(parent.ownerDocument!.createTextNode(text));
}
