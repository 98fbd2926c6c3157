import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findThreads, MAX_FOUND } from './thread-search.ts';

const titled = (...titles: string[]) => titles.map((title, index) => ({ id: `${index}`, title, lastMessageAt: null }));
const titles = (query: string, ...all: string[]) => findThreads(titled(...all), query).map(({ title }) => title);

test('without words all of them, as they were', () => {
  assert.deepEqual(titles('  ', 'b', 'a'), ['b', 'a']);
});

test('all the words, anywhere, whatever their case and accents', () => {
  assert.deepEqual(titles('NGINX cafe', 'Café behind nginx', 'nginx', 'A cafe'), ['Café behind nginx']);
});

test('what begins with the word comes first, then what has a word that does', () => {
  assert.deepEqual(titles('log', 'catalogue', 'rotate logs', 'Log files'), ['Log files', 'rotate logs', 'catalogue']);
});

test('only so many', () => {
  assert.equal(titles('a', ...Array.from({ length: 80 }, () => 'a')).length, MAX_FOUND);
});
