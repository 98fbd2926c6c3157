import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isChatRoute, routeOf, threadIdOf, threadRoute } from './routes.ts';

const table: [string, string, string | null][] = [
  ['', '/', null],
  ['signin', '/signin', null],
  ['signup/', '/signup', null],
  ['c/0b9d4c5e-8f0a', '/c/0b9d4c5e-8f0a', '0b9d4c5e-8f0a'],
  ['c/a.b:c~d_e', '/c/a.b:c~d_e', 'a.b:c~d_e'],
  ['c/', '/', null],
  ['c/.a', '/', null],
  ['c/a/b', '/', null],
  ['c/a%20b', '/', null],
  [`c/${'x'.repeat(129)}`, '/', null],
  ['elsewhere', '/', null],
];

for (const [path, route, threadId] of table) {
  test(`"${path}" is ${route}`, () => {
    assert.equal(routeOf(path), route);
    assert.equal(threadIdOf(routeOf(path)), threadId);
    assert.equal(isChatRoute(routeOf(path)), route !== '/signin' && route !== '/signup');
  });
}

test('a thread’s route leads back to it', () => {
  assert.equal(threadIdOf(threadRoute('abc')), 'abc');
  assert.equal(threadRoute(null), '/');
});
