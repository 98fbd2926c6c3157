// Whether a page fits into the width of its screen.
import assert from 'node:assert/strict';

/** Fails when the page scrolls sideways, or anything stands out of it; what scrolls within a part of the page may be wider. */
export async function fits(page, state) {
  await page.evaluate(() => Promise.allSettled(
    document.getAnimations()
      .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
      .map((animation) => animation.finished),
  ));
  const found = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const scrolls = ({ overflowX }) => overflowX === 'auto' || overflowX === 'scroll';
    const wide = [];
    const look = (element) => {
      const style = getComputedStyle(element);
      // What has no box of its own counts as invisible, whatever is in it.
      const isShown = style.display === 'contents' || element.checkVisibility();
      if (!isShown || style.clipPath !== 'none') return;
      const { left, right } = element.getBoundingClientRect();
      if (left < -0.5 || right > width + 0.5) wide.push(`${left} to ${right}: ${element.outerHTML.slice(0, 100)}`);
      if (!scrolls(style)) for (const child of element.children) look(child);
    };
    look(document.body);
    for (const element of document.querySelectorAll('html, body, .log, .thread-nav, .finder-list, dialog, .usage-panel')) {
      if (element.scrollWidth > element.clientWidth && element.clientWidth > 0) wide.push(`${element.nodeName} ${element.className} scrolls`);
    }
    return wide;
  });
  assert.deepEqual(found, [], state);
}
