import { useLayoutEffect } from 'preact/hooks';
import type { Conversation } from '../state/conversation.ts';
import { titleOf } from '../state/thread-title.ts';
import { useApp } from './app-context.ts';
import { ChatView } from './chat-view.tsx';
import { SignInView } from './sign-in-view.tsx';
import { SignUpView } from './sign-up-view.tsx';
import { StartView } from './start-view.tsx';

export function Page() {
  const { announcer } = useApp();
  const title = useTitle();
  useLayoutEffect(() => {
    document.title = `${title} · Behest`;
  }, [title]);
  return (
    <>
      <View />
      <div role="status" class="visually-hidden">
        {announcer.text}
      </div>
    </>
  );
}

function useTitle(): string {
  const { chat, router, session, threads } = useApp();
  if (session.phase.value !== 'signedIn') return router.route.value === '/signup' ? 'Create account' : 'Sign in';
  const conversation = chat.conversation.value;
  if (conversation.history.value.state === 'missing') return 'Not found';
  return threads.threads.value.find(({ id }) => id === conversation.threadId)?.title || firstWords(conversation) || 'New chat';
}

/** What a thread is called that is not listed, or not yet. */
function firstWords({ messages, hasEarlier }: Conversation): string {
  const [first] = messages.value;
  return first?.role === 'user' && !hasEarlier.value ? titleOf(first.text.value) : '';
}

function View() {
  const { router, session } = useApp();
  const phase = session.phase.value;
  if (phase === 'starting' || phase === 'unreachable') return <StartView />;
  if (phase === 'signedIn') return <ChatView key={session.user.value?.id} />;
  return router.route.value === '/signup' ? <SignUpView /> : <SignInView />;
}
