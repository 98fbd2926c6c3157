import type { ComponentChildren } from 'preact';
import { useApp } from '../app.ts';
import { siteUrl } from '../lib/base.ts';
import type { Route } from '../state/router.ts';

/** A link within the page; with a modifier key it is the browser's. */
export function RouteLink({ to, children }: { to: Route; children: ComponentChildren }) {
  const { router } = useApp();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.go(to);
  };
  return (
    <a href={siteUrl(to)} onClick={follow}>
      {children}
    </a>
  );
}
