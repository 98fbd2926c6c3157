import { signal } from '@preact/signals';
import { basePath, siteUrl } from '../lib/base.ts';
import { isRoute, routeOf, type Route } from './routes.ts';

interface Step {
  readonly replace?: boolean;
}

export class Router {
  readonly route = signal(currentRoute());
  /** Counts how often the person went somewhere else; another address for the same is not that. */
  readonly moves = signal(0);
  /** Where the person wanted to go before signing in; kept with the history entry, so that a reload does not lose it. */
  #wanted: Route | null = wantedRoute();

  constructor() {
    window.addEventListener('popstate', () => {
      this.#wanted = wantedRoute() ?? this.#wanted;
      this.moves.value++;
      this.route.value = currentRoute();
    });
  }

  go(route: Route, { replace = false }: Step = {}): void {
    if (route === this.route.peek()) return;
    this.#write(route, replace);
    if (!replace) this.moves.value++;
    this.route.value = route;
  }

  /** To the form first, and then to where one wanted to go. */
  goThrough(form: Route, wanted: Route): void {
    this.#wanted = wanted;
    this.go(form, { replace: true });
  }

  get wanted(): Route | null {
    return this.#wanted;
  }

  takeWanted(): Route | null {
    const wanted = this.#wanted;
    this.#wanted = null;
    return wanted;
  }

  /** What one person wanted is nothing to the next. */
  forgetWanted(): void {
    this.#wanted = null;
    this.#write(this.route.peek(), true);
  }

  #write(route: Route, replace: boolean): void {
    const state = this.#wanted === null ? null : { wanted: this.#wanted };
    if (replace) history.replaceState(state, '', siteUrl(route));
    else history.pushState(state, '', siteUrl(route));
  }
}

function currentRoute(): Route {
  return routeOf(location.pathname.slice(basePath.length));
}

function wantedRoute(): Route | null {
  const wanted = (history.state as { wanted?: unknown } | null)?.wanted;
  return isRoute(wanted) ? wanted : null;
}
