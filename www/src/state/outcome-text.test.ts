import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintFailure } from '../net/failure.ts';
import { MethodError } from '../net/method-error.ts';
import type { Outcome } from '../net/reply.ts';
import { replacedText, settledText } from './outcome-text.ts';

const failure = mintFailure(new MethodError(422, 'Too long.'));
const table: [Outcome, string, string][] = [
  [{ end: 'complete' }, 'Reply finished', 'New reply finished'],
  [{ end: 'stopped' }, 'Reply stopped', 'New reply stopped'],
  [{ end: 'incomplete', failure }, 'Reply incomplete. Too long.', 'The new reply failed. The old one stays.'],
  [{ end: 'failed', failure, step: 'show' }, 'Reply failed. Too long.', 'The new reply failed. The old one stays.'],
];

for (const [outcome, settled, replaced] of table) {
  test(outcome.end, () => {
    assert.equal(settledText(outcome), settled);
    assert.equal(replacedText(outcome, outcome.end === 'complete' || outcome.end === 'stopped'), replaced);
  });
}

test('a new reply that was stopped before it began', () =>
  assert.equal(replacedText({ end: 'stopped' }, false), 'New reply stopped. The old one stays.'));
