import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../app.ts';
import { useFollowEnd } from '../scroll/use-follow-end.ts';
import { Composer } from './composer.tsx';
import { DownIcon } from './icons.tsx';
import { MessageList } from './message-list.tsx';
import { TopBar } from './top-bar.tsx';

export function ChatView() {
  const { chat } = useApp();
  const log = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const { isAway, toEnd } = useFollowEnd(log, column);

  const sends = chat.sends.value;
  useEffect(toEnd, [sends, chat.conversation.value]);

  useEffect(() => {
    const stopOnEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented) chat.stop();
    };
    window.addEventListener('keydown', stopOnEscape);
    return () => window.removeEventListener('keydown', stopOnEscape);
  }, [chat]);

  return (
    <div class="chat">
      <TopBar />
      <main class="chat-main">
        <MessageList log={log} column={column} />
        <div class="dock">
          {isAway.value && (
            <button type="button" class="jump-button" onClick={toEnd}>
              <DownIcon />
              Jump to latest
            </button>
          )}
          <Composer />
        </div>
      </main>
    </div>
  );
}
