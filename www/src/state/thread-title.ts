const MAX_CHARACTERS = 60;
const MAX_LAST_WORD = 20;

/** What a thread is called until the gateway has given it a name: its first words, on one line. */
export function titleOf(prompt: string): string {
  const characters = [...prompt.trim().replace(/\s+/g, ' ')];
  if (characters.length <= MAX_CHARACTERS) return characters.join('');
  const cut = characters.slice(0, MAX_CHARACTERS).join('');
  const space = cut.lastIndexOf(' ');
  const isBroken = characters[MAX_CHARACTERS] !== ' ' && space > 0 && cut.length - space <= MAX_LAST_WORD;
  return `${(isBroken ? cut.slice(0, space) : cut).trimEnd()}…`;
}
