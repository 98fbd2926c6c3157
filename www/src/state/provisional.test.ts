import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryArea } from '../storage/area.ts';
import { Provisional } from './provisional.ts';

test('what was on its way is known after a reload, each once', () => {
  const area = memoryArea();
  const before = new Provisional(area, '/');
  for (const id of ['a', 'b', 'c', 'a']) before.add(id);
  before.remove('b');
  const after = new Provisional(area, '/');
  assert.deepEqual(after.all(), ['a', 'c']);
  after.clear();
  assert.deepEqual(after.all(), []);
  assert.deepEqual(area.keys(), []);
});
