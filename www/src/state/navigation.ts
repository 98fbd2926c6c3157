import { effect, untracked } from '@preact/signals';
import type { Chat } from './chat.ts';
import type { Router } from './router.ts';
import { isChatRoute, threadIdOf } from './routes.ts';
import type { Session } from './session.ts';
import type { ThreadList } from './thread-list.ts';

/** Ties the address to what is on view. */
export function connectRoutes({ session, router, chat, threads }: { session: Session; router: Router; chat: Chat; threads: ThreadList }): void {
  effect(() => {
    const phase = session.phase.value;
    const route = router.route.value;
    const isClosed = route === '/signup' && !session.isSignupOpen.value;
    untracked(() => {
      if (phase === 'signedIn' && !isChatRoute(route)) router.go(router.takeWanted() ?? '/', { replace: true });
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
