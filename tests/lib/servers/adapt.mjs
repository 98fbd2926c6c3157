// A shipped configuration file as a test can run it: other ports, paths and users, and nothing else.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const SHIPPED = fileURLToPath(new URL('../../../doc/servers/', import.meta.url));

/** A file of doc/servers as it is. */
export function shipped(name) {
  return readFileSync(path.join(SHIPPED, name), 'utf8');
}

const isComment = (line) => /^\s*#/.test(line);
const SYSTEM_PATH = /(?<![\w.$}/-])\/(?:bin|boot|dev|etc|home|lib|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)\b[^\s"';,)]*/g;

/**
 * The text of doc/servers/`name` without its comments, with the keys of `substitutions` replaced by their values, longest key first and
 * none twice. Throws when a key is not in it, and when a path of the system is left that is not in `kept`.
 */
export function adapt(name, substitutions, kept = []) {
  return substitute(name, shipped(name).split('\n').filter((line) => !isComment(line)).join('\n'), substitutions, kept);
}

/**
 * The command lines that the comments of doc/servers/`name` give for `program`, each as a list of words, substituted as by adapt().
 * A backslash at the end of a line continues it.
 */
export function commands(name, program, substitutions, kept = []) {
  const comments = shipped(name).split('\n').filter(isComment).map((line) => line.replace(/^\s*# ?/, '')).join('\n');
  const lines = comments.replace(/\\\n\s*/g, '').split('\n').map((line) => line.trim()).filter((line) => line.startsWith(`${program} `));
  if (lines.length === 0) throw new Error(`${name} has no command line of ${program}`);
  return substitute(name, lines.join('\n'), substitutions, kept).split('\n').map((line) => line.split(/\s+/));
}

function substitute(name, text, substitutions, kept) {
  const keys = Object.keys(substitutions).sort((a, b) => b.length - a.length);
  const missing = new Set(keys);
  const pattern = new RegExp(keys.map((key) => key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  const left = [];
  const between = (part) => left.push(...(part.match(SYSTEM_PATH) ?? []));
  let result = '';
  let at = 0;
  for (const match of keys.length ? text.matchAll(pattern) : []) {
    missing.delete(match[0]);
    between(text.slice(at, match.index));
    result += text.slice(at, match.index) + substitutions[match[0]];
    at = match.index + match[0].length;
  }
  between(text.slice(at));
  const stray = left.filter((found) => !kept.includes(found));
  if (missing.size) throw new Error(`${name}: not found: ${[...missing].join(', ')}`);
  if (stray.length) throw new Error(`${name}: paths of the system are left: ${stray.join(', ')}`);
  return result + text.slice(at);
}
