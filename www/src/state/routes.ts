export type ThreadRoute = `/c/${string}`;
export type Route = '/' | '/signin' | '/signup' | ThreadRoute;

/** What the server serves the page for. */
const THREAD = /^\/c\/([A-Za-z0-9\-_~:][A-Za-z0-9\-_.~:]{0,127})$/;

/** The route of a path below the mount; whatever is none leads to the beginning. */
export function routeOf(path: string): Route {
  const route = `/${path.replace(/^\/+|\/+$/g, '')}`;
  return isRoute(route) ? route : '/';
}

export function isRoute(value: unknown): value is Route {
  return value === '/' || value === '/signin' || value === '/signup' || (typeof value === 'string' && THREAD.test(value));
}

/** For whoever is signed in. */
export function isChatRoute(route: Route): boolean {
  return route === '/' || threadIdOf(route) !== null;
}

export function threadIdOf(route: Route): string | null {
  return THREAD.exec(route)?.[1] ?? null;
}

export function threadRoute(threadId: string | null): Route {
  return threadId === null ? '/' : `/c/${threadId}`;
}
