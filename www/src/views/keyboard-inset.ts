/** iOS lays its keyboard over the page instead of resizing it, so the page takes its height from what is visible. */
export function keepAboveKeyboard(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const resize = () => {
    if (viewport.scale !== 1) return;
    document.documentElement.style.setProperty('--visible-height', `${viewport.height}px`);
  };
  viewport.addEventListener('resize', resize);
  resize();
}
