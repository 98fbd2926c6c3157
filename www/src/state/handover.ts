import type { Area } from '../storage/area.ts';
import { isOfSomebodyElse, purgeUsers, UserData } from '../storage/user-data.ts';
import type { Chat } from './chat.ts';
import type { Provisional } from './provisional.ts';
import type { Router } from './router.ts';
import { threadIdOf } from './routes.ts';
import type { SessionEvents } from './session.ts';
import type { Usage } from './usage.ts';

export interface HandoverParts {
  readonly area: Area;
  /** What the names of stored things begin with. */
  readonly scope: string;
  readonly router: Router;
  readonly chat: Chat;
  readonly usage: Usage;
  readonly provisional: Provisional;
}

/** What becomes of one person's things when they leave, and when somebody comes: nothing of one is there for the next. */
export function handover({ area, scope, router, chat, usage, provisional }: HandoverParts): Pick<SessionEvents, 'onUser' | 'onLeave'> {
  let lastUser: string | null = null;

  const isForOther = (userId: string): boolean => {
    const threadId = router.wanted && threadIdOf(router.wanted);
    return (lastUser !== null && lastUser !== userId) || (threadId !== null && isOfSomebodyElse(area, scope, userId, threadId));
  };

  /** What is on its way is put down, before anything that is kept is removed. */
  const close = () => {
    chat.close();
    usage.clear();
  };

  return {
    onUser: ({ id }) => {
      close();
      if (isForOther(id)) router.forgetWanted();
      lastUser = id;
      purgeUsers(area, scope, id);
      chat.open(new UserData(area, scope, id));
    },
    onLeave: (forget) => {
      close();
      if (!forget) return;
      purgeUsers(area, scope, null);
      provisional.clear();
      router.forgetWanted();
    },
  };
}
