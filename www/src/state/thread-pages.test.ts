import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withNewest, withOlder } from './thread-pages.ts';

/** Each named by its id and its time. */
const threads = (...names: string[]) => names.map((name) => ({ id: name, title: name, lastMessageAt: Number(/\d+/.exec(name)?.[0] ?? NaN) || null }));
const ids = (list: { id: string }[]) => list.map(({ id }) => id).join(' ');

const table: [string, string[], string[], boolean, string[], string][] = [
  ['a first page', [], ['a9', 'b8'], true, [], 'a9 b8'],
  ['what was loaded of the older ones stays', ['a9', 'b8', 'c7', 'd6'], ['n10', 'a9', 'b8'], false, [], 'n10 a9 b8 c7 d6'],
  ['what is gone from the newest is gone', ['a9', 'b8', 'c7'], ['a9', 'c7'], false, [], 'a9 c7'],
  ['a page that is the whole list leaves nothing else', ['a9', 'b8', 'c7'], ['a9'], true, [], 'a9'],
  ['what has moved up is there once', ['a9', 'b8', 'c7'], ['c10', 'c7'], false, [], 'c10 c7'],
  ['what the gateway need not know yet stays in front', ['m', 'a9'], ['n10', 'a9'], true, ['m'], 'm n10 a9'],
  ['and is there once when it does', ['m11', 'a9'], ['m11', 'a9'], true, ['m11'], 'm11 a9'],
  ['what has no time is taken to be old', ['a9', 'x'], ['a9'], false, [], 'a9 x'],
];

for (const [what, known, page, isWhole, fresh, expected] of table) {
  test(what, () => assert.equal(ids(withNewest(threads(...known), threads(...page), isWhole, new Set(fresh))), expected));
}

test('an older page comes behind, without doubles', () => {
  assert.equal(ids(withOlder(threads('a9', 'b8'), threads('b8', 'c7'))), 'a9 b8 c7');
});
