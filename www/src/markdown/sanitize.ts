import createDOMPurify, { type Config, type WindowLike } from 'dompurify';

const TAGS =
  'a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i kbd li ol p pre s strong sub sup table tbody td th thead tr u ul';

const CONFIG = {
  ALLOWED_TAGS: TAGS.split(' '),
  ALLOWED_ATTR: ['href', 'class', 'start'],
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} satisfies Config;

/** The only classes that may pass, by the elements they may be on. */
const CLASSES: Record<string, RegExp> = {
  CODE: /^language-[\w+#.-]{1,30}$/,
  LI: /^task$/,
  TD: /^align-(left|center|right)$/,
  TH: /^align-(left|center|right)$/,
};

export type Sanitizer = (html: string) => DocumentFragment;

export function createSanitizer(window: WindowLike): Sanitizer {
  const purify = createDOMPurify(window);
  purify.addHook('uponSanitizeAttribute', (node, data) => {
    if (data.attrName === 'class') data.keepAttr = CLASSES[node.nodeName]?.test(data.attrValue) ?? false;
    if (data.attrName === 'href') data.keepAttr = node.nodeName === 'A';
  });
  purify.addHook('afterSanitizeAttributes', (node) => {
    if (node.nodeName !== 'A' || !node.hasAttribute('href')) return;
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  });
  return (html) => purify.sanitize(html, CONFIG);
}
