import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localArea } from './area.ts';

const refuse = (): never => {
  throw new DOMException('No storage here', 'SecurityError');
};

for (const [name, storage] of [
  ['there is none', { get: refuse }],
  ['each call is refused', { value: Object.create({ getItem: refuse, setItem: refuse, removeItem: refuse }) }],
] as const) {
  test(`where ${name} the browser is merely forgetful`, () => {
    Object.defineProperty(globalThis, 'localStorage', { ...storage, configurable: true });
    const area = localArea();
    area.remove('a');
    assert.deepEqual([area.set('a', 'b'), area.get('a'), area.keys()], [false, null, []]);
  });
}
