// The table in README of what was seen to work through each server, from what the checks of tests/servers wrote.
//
//   BUILD=build node tests/servers/table.mjs            fails when README says something else, or when something was not seen
//   BUILD=build node tests/servers/table.mjs --write    puts it into README
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { servers } from '../lib/servers/index.mjs';
import { readSeen } from './lib/seen.mjs';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const BEGIN = '<!-- servers table: begin -->\n';
const END = '<!-- servers table: end -->';
const NOT_SEEN = 'NOT SEEN';

// Feature as in see(), heading.
const COLUMNS = [
  ['root', 'at the root'],
  ['path', 'at a path'],
  ['chromium', 'in Chromium'],
  ['static', '`/assets/` served by'],
  ['streams', 'replies stream'],
  ['leaving', 'reader leaving noticed'],
  ['question', 'longest question'],
  ['chunked', 'chunked bodies'],
  ['reload', 'reload without a failed request'],
  ['restart', 'restart without a failed request'],
  ['killed', 'restarted after `kill -9`'],
];

/** What there is to see only where the server serves the gateway too. */
const OF_THE_GATEWAY = ['streams', 'leaving', 'question'];

const row = (cells) => `| ${cells.join(' | ')} |\n`;

function render(seen) {
  const cell = ({ name, what }, [feature]) => (OF_THE_GATEWAY.includes(feature) && !what.gateway ? 'no gateway' : seen[name]?.[feature]?.join(', ') ?? NOT_SEEN);
  return [
    row(['', ...COLUMNS.map(([, heading]) => heading)]),
    `${'|---'.repeat(COLUMNS.length + 1)}|\n`,
    ...servers.map((server) => row([server.title, ...COLUMNS.map((column) => cell(server, column))])),
  ].join('');
}

function split(text) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no lines ${BEGIN.trim()} and ${END}`);
  return [text.slice(0, begin + BEGIN.length), text.slice(begin + BEGIN.length, end), text.slice(end)];
}

const table = render(readSeen());
const [before, old, behind] = split(readFileSync(README, 'utf8'));
const complaints = [];
if (table.includes(NOT_SEEN)) complaints.push(`Not everything was seen to work:\n${table}`);
if (process.argv[2] === '--write') writeFileSync(README, before + table + behind);
else if (table !== old) complaints.push(`README.md does not show what was seen; node tests/servers/table.mjs --write puts it there:\n${table}`);
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length ? 1 : 0;
