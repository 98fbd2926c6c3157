import assert from 'node:assert/strict';
import { test } from 'node:test';
import { titleOf } from './thread-title.ts';

const table: [string, string][] = [
  ['Hello', 'Hello'],
  ['  How do I\n\tput it? ', 'How do I put it?'],
  ['How do I put\n it behind a web server that I have had for ten years already?', 'How do I put it behind a web server that I have had for ten…'],
  ['x'.repeat(61), `${'x'.repeat(60)}…`],
  [`a ${'é'.repeat(70)}`, `a ${'é'.repeat(58)}…`],
];

for (const [prompt, title] of table) test(title, () => assert.equal(titleOf(prompt), title));
