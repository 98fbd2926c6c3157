import { useEffect } from 'preact/hooks';
import { useApp } from '../app.ts';
import { ChatView } from './chat-view.tsx';
import { SignInView } from './sign-in-view.tsx';
import { SignUpView } from './sign-up-view.tsx';
import { StartView } from './start-view.tsx';

const TITLES = { '/': 'Chat', '/signin': 'Sign in', '/signup': 'Create account' } as const;

export function Page() {
  const { announcer, router } = useApp();
  const route = router.route.value;
  useEffect(() => {
    document.title = `${TITLES[route]} · Behest`;
  }, [route]);
  return (
    <>
      <View />
      <div role="status" class="visually-hidden">
        {announcer.text}
      </div>
    </>
  );
}

function View() {
  const { router, session } = useApp();
  const phase = session.phase.value;
  if (phase === 'starting' || phase === 'unreachable') return <StartView />;
  if (phase === 'signedIn') return <ChatView key={session.user.value?.id} />;
  return router.route.value === '/signup' ? <SignUpView /> : <SignInView />;
}
