import { useSignal } from '@preact/signals';
import { messageOf } from '../net/method-error.ts';
import { useApp } from './app-context.ts';
import { BrandMark, LeaveIcon, ListIcon } from './icons.tsx';
import { isWide } from './media.ts';
import { NewChatButton } from './new-chat-button.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { UsagePanel } from './usage-panel.tsx';

export function Brand() {
  return (
    <div class="brand">
      <BrandMark />
      <h1>Behest</h1>
    </div>
  );
}

/** With a list of conversations, brand and New chat are above that where there is room for it. */
export function TopBar({ hasList }: { hasList: boolean }) {
  const { panels, session } = useApp();
  const problem = useSignal('');
  const signOut = async () => {
    problem.value = '';
    try {
      await session.signOut();
    } catch (error) {
      problem.value = `You are still signed in. ${messageOf(error)}`;
    }
  };
  return (
    <header class={hasList ? 'top-bar has-list' : 'top-bar'}>
      {hasList && !isWide.value && (
        <button
          type="button"
          class="bar-button icon-only"
          aria-label="Show conversations"
          aria-haspopup="dialog"
          onClick={() => (panels.isDrawerOpen.value = true)}
        >
          <ListIcon />
        </button>
      )}
      {!(hasList && isWide.value) && (
        <>
          <Brand />
          <NewChatButton class="bar-button" />
        </>
      )}
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
