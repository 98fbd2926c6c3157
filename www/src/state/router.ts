import { signal } from '@preact/signals';
import { basePath, siteUrl } from '../lib/base.ts';

export type Route = '/' | '/signin' | '/signup';

const ROUTES: readonly string[] = ['/', '/signin', '/signup'];

export class Router {
  readonly route = signal(currentRoute());

  constructor() {
    window.addEventListener('popstate', () => (this.route.value = currentRoute()));
  }

  go(route: Route, { replace = false } = {}): void {
    if (route === this.route.peek()) return;
    if (replace) history.replaceState(null, '', siteUrl(route));
    else history.pushState(null, '', siteUrl(route));
    this.route.value = route;
  }
}

function currentRoute(): Route {
  const path = `/${location.pathname.slice(basePath.length)}`.replace(/(.)\/$/, '$1');
  return ROUTES.includes(path) ? (path as Route) : '/';
}
