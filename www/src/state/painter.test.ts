import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Painter } from './painter.ts';

function rig() {
  const painted: string[] = [];
  const queue = new Set<() => void>();
  const painter = new Painter(
    (text) => painted.push(text),
    (callback) => {
      queue.add(callback);
      return () => queue.delete(callback);
    },
  );
  const frame = () => {
    for (const callback of [...queue]) {
      queue.delete(callback);
      callback();
    }
  };
  return { painter, painted, frame, queue };
}

test('the first piece shows at once, the others once per frame', () => {
  const { painter, painted, frame } = rig();
  painter.add('a');
  assert.deepEqual(painted, ['a']);
  painter.add('b');
  painter.add('c');
  assert.deepEqual(painted, ['a']);
  frame();
  assert.deepEqual(painted, ['a', 'abc']);
});

test('the end shows what is left and leaves no frame behind', () => {
  const { painter, painted, queue } = rig();
  painter.add('a');
  painter.add('b');
  painter.end();
  painter.end();
  assert.deepEqual(painted, ['a', 'ab']);
  assert.equal(queue.size, 0);
});
