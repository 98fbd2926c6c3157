import { useApp } from './app-context.ts';
import { CloseIcon, SearchIcon } from './icons.tsx';
import { Modal } from './modal.tsx';
import { NewChatButton } from './new-chat-button.tsx';
import { ThreadNav } from './thread-nav.tsx';
import { Brand } from './top-bar.tsx';

/** The conversations beside the chat. */
export function Sidebar() {
  return (
    <aside class="sidebar" aria-label="Sidebar">
      <div class="sidebar-head">
        <Brand />
        <NewChatButton class="sidebar-button" />
        <FindButton />
      </div>
      <ThreadNav />
    </aside>
  );
}

/** The same list over the chat, where there is no room beside it. */
export function ThreadDrawer() {
  const { panels } = useApp();
  const close = () => (panels.isDrawerOpen.value = false);
  return (
    <Modal class="drawer" label="Conversations" onClose={close}>
      <div class="sidebar-head">
        <div class="drawer-title">
          <h2>Conversations</h2>
          <button type="button" class="bar-button icon-only" aria-label="Close" onClick={close}>
            <CloseIcon />
          </button>
        </div>
        <FindButton />
      </div>
      <ThreadNav onChosen={close} />
    </Modal>
  );
}

function FindButton() {
  const { panels } = useApp();
  const find = () => {
    panels.isDrawerOpen.value = false;
    panels.isFinderOpen.value = true;
  };
  return (
    <button type="button" class="sidebar-button" aria-haspopup="dialog" onClick={find}>
      <SearchIcon />
      <span>Find conversation</span>
      <kbd aria-hidden="true">{isApple ? '⌘ K' : 'Ctrl K'}</kbd>
    </button>
  );
}

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
