// What the programs say of themselves, and what the man pages say of them, in a form that can be compared.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from './program.mjs';

export const SOURCES = fileURLToPath(new URL('../..', import.meta.url));
export const read = (path) => readFileSync(SOURCES + path, 'utf8');

export const SERVERS = ['behest-fcgi', 'behest-gateway'];

const SETTING = /\b(?:BEHEST|CHAT|GATEWAY)_[A-Z_]*[A-Z]\b/g;
export const settingsIn = (text) => new Set(text.match(SETTING));

export const sorted = (names) => [...new Set(names)].sort();

export const help = (program) => run(program, ['--help']).stdout;

/** The options that a help text lists: `{ name, value }`, value being undefined for those that take none. */
export function optionsIn(text) {
  return [...text.matchAll(/^ +(--[a-z-]+)(?: ([A-Z]+))?(?= |$)/gm)].map(([, name, value]) => ({ name, value }));
}

/** The commands of behest-admin, as `user add`. */
export function adminCommands() {
  const [, table] = /^Commands:\n(.*?)\n\n/ms.exec(help('behest-admin'));
  return table.split('\n').map((line) => /^ {2}([a-z]+(?: [a-z-]+)?)(?= |$)/.exec(line)[1]);
}

const QUOTED = /"((?:BEHEST|CHAT|GATEWAY)_[A-Z_]*[A-Z])"/g;
const LIST = 'config/setting_names.c';

/** The names of all settings that the sources read. */
export function settingsRead() {
  const names = new Set();
  for (const file of readdirSync(`${SOURCES}src`, { recursive: true }))
    if (String(file).endsWith('.c') && file !== LIST)
      for (const [, name] of read(`src/${file}`).matchAll(QUOTED)) names.add(name);
  return names;
}

/** The names that the programs do not take for typing mistakes. */
export const settingsKnown = () => [...read(`src/${LIST}`).matchAll(QUOTED)].map(([, name]) => name);

/** What a page lists under a kind of macro, by name: the text up to the next item of that kind or the next section. */
function items(page, start) {
  const found = new Map();
  let names = [];
  let listed = false;
  for (const line of read(`doc/man/${page}`).split('\n')) {
    const name = start(line);
    if (name) {
      names = listed ? [name] : [...names, name]; // items without a text share the next one's
      listed = false;
      found.set(name, '');
    } else if (/^\.S[hs] /.test(line)) {
      names = [];
    } else {
      listed = true;
      for (const each of names) found.set(each, `${found.get(each)}${line}\n`);
    }
  }
  return found;
}

export const pageSettings = () => items('behest-fcgi.conf.5', (line) => /^\.It Ev ([A-Z_]+)$/.exec(line)?.[1]);

export const pageCommands = () => items('behest-admin.8', (line) => /^\.It Cm ([a-z]+(?: [a-z-]+)?)(?= [A-Z]|$)/.exec(line)?.[1]);

/** The options that mdoc(7) text has items for. */
export const pageOptions = (text) => [...text.matchAll(/^\.It Fl (?:h , )?(-[a-z-]+)/gm)].map(([, name]) => `-${name}`);
