/** With what is no character, half of a surrogate pair, replaced: a strict reader of JSON refuses it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
