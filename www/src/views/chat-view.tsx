import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useFollowEnd } from '../scroll/use-follow-end.ts';
import { useApp } from './app-context.ts';
import { Composer, focusComposer } from './composer.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { DownIcon } from './icons.tsx';
import { isWide } from './media.ts';
import { MessageList } from './message-list.tsx';
import { Sidebar, ThreadDrawer } from './sidebar.tsx';
import { ThreadFinder } from './thread-finder.tsx';
import { TopBar } from './top-bar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

export function ChatView() {
  const { chat, panels, router, threads } = useApp();
  const hasList = threads.isKept.value === true;
  useShortcuts();
  useEffect(() => () => panels.closeAll(), [router.moves.value]);

  return (
    <div class="chat">
      {hasList && isWide.value && <Sidebar />}
      <div class="chat-pane">
        <TopBar hasList={hasList} />
        <ChatMain key={chat.conversation.value.history.value.state === 'missing' ? 'missing' : 'chat'} />
      </div>
      {hasList && !isWide.value && panels.isDrawerOpen.value && <ThreadDrawer />}
      {panels.isFinderOpen.value && <ThreadFinder />}
      {panels.deleting.value && <DeleteDialog thread={panels.deleting.value} />}
    </div>
  );
}

function ChatMain() {
  const { chat } = useApp();
  const log = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const { isAway, toEnd } = useFollowEnd(log, column);
  const isMissing = chat.conversation.value.history.value.state === 'missing';

  const sends = chat.sends.value;
  const openings = chat.openings.value;
  useLayoutEffect(toEnd, [sends, openings]);
  const jump = () => {
    toEnd();
    focusComposer();
  };

  return (
    <main class="chat-main">
      <MessageList log={log} column={column} />
      {!isMissing && (
        <div class="dock">
          {isAway.value && (
            <button type="button" class="jump-button" onClick={jump}>
              <DownIcon />
              Jump to latest
            </button>
          )}
          <Composer />
        </div>
      )}
    </main>
  );
}
