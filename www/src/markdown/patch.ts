/** Shows `fragment` in `element`, leaving the leading nodes that are the same as before untouched. */
export function patchChildren(element: Element, fragment: DocumentFragment): void {
  let shown = element.firstChild;
  let next = fragment.firstChild;
  while (shown && next && shown.isEqualNode(next)) {
    shown = shown.nextSibling;
    next.remove();
    next = fragment.firstChild;
  }
  while (shown) {
    const following: ChildNode | null = shown.nextSibling;
    shown.remove();
    shown = following;
  }
  element.append(fragment);
}
