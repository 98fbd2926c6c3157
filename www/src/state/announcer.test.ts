import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from './announcer.ts';

test('the same words again are a change', () => {
  const announcer = new Announcer();
  const said = ['Copied', 'Copied', 'Copied'].map((text) => {
    announcer.say(text);
    return announcer.text.value;
  });
  assert.equal(new Set(said.slice(0, 2)).size, 2);
  assert.equal(new Set(said.slice(1)).size, 2);
});
