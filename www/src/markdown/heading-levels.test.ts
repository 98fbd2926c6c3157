import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headingLimits } from './heading-levels.ts';

const table: [string, string[], number[]][] = [
  ['no heading', ['a\n\n', 'b'], [3, 3]],
  ['in order', ['# a\n', '## b\n', '## c\n', '# d\n'], [3, 4, 5, 5]],
  ['beginning deep', ['### a\n', '### b\n', 'c'], [3, 4, 5]],
  ['underlined', ['a\n===\n', 'b\n---\n\n', 'c'], [3, 4, 5]],
  ['a rule is none', ['---\n', '***\n', 'c'], [3, 3, 3]],
];

for (const [name, blocks, limits] of table) {
  test(`heading limits: ${name}`, () => assert.deepEqual(headingLimits(blocks), limits));
}
