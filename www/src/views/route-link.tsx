import type { ComponentChildren } from 'preact';
import { siteUrl } from '../lib/base.ts';
import type { Route } from '../state/routes.ts';
import { useApp } from './app-context.ts';

interface Props {
  readonly to: Route;
  readonly class?: string;
  readonly title?: string;
  readonly isCurrent?: boolean;
  readonly onFollow?: (() => void) | undefined;
  readonly children: ComponentChildren;
}

/** A link within the page; with a modifier key it is the browser's. */
export function RouteLink({ to, class: className, title, isCurrent = false, onFollow, children }: Props) {
  const { router } = useApp();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onFollow?.();
    router.go(to);
  };
  return (
    <a class={className} href={siteUrl(to)} title={title} aria-current={isCurrent ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
