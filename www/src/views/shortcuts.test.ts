import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortcutOf } from './shortcuts.ts';

const none = { key: '', code: '', shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, isComposing: false };

const table: [string, Partial<typeof none>, string | null][] = [
  ['Ctrl+Shift+O', { key: 'O', code: 'KeyO', ctrlKey: true, shiftKey: true }, 'new-chat'],
  ['Cmd+Shift+O', { key: 'o', code: 'KeyO', metaKey: true, shiftKey: true }, 'new-chat'],
  ['Ctrl+K', { key: 'k', code: 'KeyK', ctrlKey: true }, 'find'],
  ['Cmd+K', { key: 'k', code: 'KeyK', metaKey: true }, 'find'],
  ['Ctrl+K on a Cyrillic layout', { key: 'л', code: 'KeyK', ctrlKey: true }, 'find'],
  ['K where O is on a US keyboard', { key: 'k', code: 'KeyO', ctrlKey: true }, 'find'],
  ['Ctrl+O', { key: 'o', code: 'KeyO', ctrlKey: true }, null],
  ['Ctrl+Shift+K', { key: 'K', code: 'KeyK', ctrlKey: true, shiftKey: true }, null],
  ['Ctrl+Alt+K', { key: 'k', code: 'KeyK', ctrlKey: true, altKey: true }, null],
  ['K', { key: 'k', code: 'KeyK' }, null],
  ['Ctrl+K within a composition', { key: 'k', code: 'KeyK', ctrlKey: true, isComposing: true }, null],
];

for (const [name, event, expected] of table) test(name, () => assert.equal(shortcutOf({ ...none, ...event }), expected));
