/** A button that went with what it asked for took the focus along; once that is done, here is where one goes on. */
export async function passOnFocus(done: Promise<unknown>, to: () => HTMLElement | null | undefined): Promise<void> {
  await done;
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) to()?.focus({ preventScroll: true });
  });
}
