import { useSignal } from '@preact/signals';
import { useApp } from '../app.ts';
import { messageOf } from '../state/session.ts';
import { focusComposer } from './composer.tsx';
import { BrandMark, LeaveIcon, PlusIcon } from './icons.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { UsagePanel } from './usage-panel.tsx';

export function TopBar() {
  const { chat, session } = useApp();
  const problem = useSignal('');
  const newChat = () => {
    chat.newChat();
    focusComposer();
  };
  const signOut = async () => {
    problem.value = '';
    try {
      await session.signOut();
    } catch (error) {
      problem.value = `You are still signed in. ${messageOf(error)}`;
    }
  };
  return (
    <header class="top-bar">
      <div class="brand">
        <BrandMark />
        <h1>Behest</h1>
      </div>
      <button type="button" class="bar-button" onClick={newChat}>
        <PlusIcon />
        <span class="bar-label">New chat</span>
      </button>
      <div class="top-bar-end">
        <UsagePanel />
        <ThemeSwitch />
        <span class="user-name" title="Signed in as">
          {session.user.value?.handle}
        </span>
        <button type="button" class="bar-button" onClick={() => void signOut()}>
          <LeaveIcon />
          <span class="bar-label">Sign out</span>
        </button>
      </div>
      {problem.value && (
        <p class="notice top-bar-problem" role="alert">
          {problem}
        </p>
      )}
    </header>
  );
}
