// axe-core on a page as it is at the moment.
import assert from 'node:assert/strict';
import axe from 'axe-core';

/** Fails when axe-core finds anything, naming it and the state that the page is in. */
export async function isClean(page, state) {
  // Colours are compared as they are after a transition, not in the middle of one; what moves for ever never ends.
  await page.evaluate(() => Promise.allSettled(
    document.getAnimations()
      .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
      .map((animation) => animation.finished),
  ));
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  assert.deepEqual(found, [], state);
}
