import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupByDay } from './thread-days.ts';

const now = new Date(2026, 10, 23, 9, 30);
const at = (month: number, day: number, hour = 12) => new Date(2026, month - 1, day, hour).getTime();

const table: [number | null, string][] = [
  [at(11, 23, 9), 'Today'],
  [at(11, 23, 0), 'Today'],
  [at(11, 22, 23), 'Yesterday'],
  [at(11, 22, 0), 'Yesterday'],
  [at(11, 21), 'Last 7 days'],
  [at(11, 16, 0), 'Last 7 days'],
  [at(11, 15), 'Last 30 days'],
  [at(10, 24, 0), 'Last 30 days'],
  [at(10, 23), 'Earlier'],
  [null, 'Earlier'],
];

for (const [time, label] of table) {
  test(`${time === null ? 'no time' : new Date(time).toString().slice(4, 21)}: ${label}`, () => {
    assert.equal(groupByDay([{ id: 'a', title: '', lastMessageAt: time }], now)[0]?.label, label);
  });
}

test('neighbours of the same day are one group, in the order given', () => {
  const threads = [at(11, 23, 9), at(11, 23, 8), at(11, 22), at(1, 1), null].map((lastMessageAt, index) => ({ id: `${index}`, title: '', lastMessageAt }));
  assert.deepEqual(
    groupByDay(threads, now).map(({ label, threads: within }) => [label, within.map(({ id }) => id).join('')]),
    [
      ['Today', '01'],
      ['Yesterday', '2'],
      ['Earlier', '34'],
    ],
  );
});
