import { effect, untracked } from '@preact/signals';
import type { Chat } from './chat.ts';
import type { Router } from './router.ts';
import { isChatRoute, threadIdOf } from './routes.ts';
import type { Phase, Session } from './session.ts';
import type { SiteConfig } from './site-config.ts';
import type { ThreadList } from './thread-list.ts';

interface Parts {
  readonly session: Session;
  readonly site: SiteConfig;
  readonly router: Router;
  readonly chat: Chat;
  readonly threads: ThreadList;
}

/** Ties the address to what is on view. */
export function connectRoutes({ session, site, router, chat, threads }: Parts): void {
  let lastPhase: Phase = 'starting';
  effect(() => {
    const phase = session.phase.value;
    const hasChanged = phase !== lastPhase;
    lastPhase = phase;
    const route = router.route.value;
    const isClosed = route === '/signup' && !site.isSignupOpen.value;
    untracked(() => {
      // Who comes to the form by Back does not want to go anywhere.
      const wanted = hasChanged && phase === 'signedIn' ? router.takeWanted() : null;
      if (phase === 'signedIn' && !isChatRoute(route)) router.go(wanted ?? '/', { replace: true });
      if (phase === 'signedOut' && isChatRoute(route)) router.goThrough('/signin', route);
      else if (phase === 'signedOut' && isClosed) router.go('/signin', { replace: true });
    });
  });
  effect(() => {
    const route = router.route.value;
    if (session.phase.value === 'signedIn' && isChatRoute(route)) untracked(() => chat.show(threadIdOf(route)));
  });
  effect(() => {
    if (threads.isKept.value === true) untracked(() => chat.takeAddress());
  });
}
