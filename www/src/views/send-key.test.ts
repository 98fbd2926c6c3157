import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isComposing, isSendKey } from './send-key.ts';

const none = { key: 'Enter', keyCode: 13, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, isComposing: false };

const table: [string, Partial<typeof none>, boolean, boolean][] = [
  ['Enter', {}, true, false],
  ['Shift+Enter', { shiftKey: true }, false, false],
  ['Alt+Enter', { altKey: true }, false, false],
  ['Ctrl+Enter', { ctrlKey: true }, true, true],
  ['Cmd+Enter', { metaKey: true }, true, true],
  ['Enter while composing', { isComposing: true }, false, false],
  ['Ctrl+Enter while composing', { isComposing: true, ctrlKey: true }, false, false],
  ['the Enter that ends a composition in Safari', { keyCode: 229 }, false, false],
  ['a letter', { key: 'a', keyCode: 65 }, false, false],
];

for (const [name, event, onKeyboard, onTouch] of table) {
  test(name, () => {
    assert.equal(isSendKey({ ...none, ...event }, false), onKeyboard, 'with a keyboard');
    assert.equal(isSendKey({ ...none, ...event }, true), onTouch, 'on a touch screen');
  });
}

test('Esc that ends a composition is no Esc, as Safari reports it either', () => {
  const esc = { ...none, key: 'Escape', keyCode: 27 };
  assert.deepEqual([esc, { ...esc, isComposing: true }, { ...esc, keyCode: 229 }].map(isComposing), [false, true, true]);
});
