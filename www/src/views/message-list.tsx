import type { RefObject } from 'preact';
import { useApp } from '../app.ts';
import { copyText } from '../lib/clipboard.ts';
import { COPY_CODE_CLASS } from '../markdown/decorate.ts';
import { EmptyState } from './empty-state.tsx';
import { MessageItem } from './message-item.tsx';

interface Props {
  readonly log: RefObject<HTMLDivElement | null>;
  readonly column: RefObject<HTMLDivElement | null>;
}

export function MessageList({ log, column }: Props) {
  const { announcer, chat } = useApp();
  const messages = chat.conversation.value.messages.value;

  // The buttons over code are part of the rendered Markdown, so their clicks are taken here.
  const copyCode = async (event: MouseEvent) => {
    const button = (event.target as Element).closest(`.${COPY_CODE_CLASS}`);
    const code = button?.closest('.code-block')?.querySelector('pre')?.textContent;
    if (code == null) return;
    announcer.say((await copyText(code.replace(/\n$/, ''))) ? 'Copied' : 'Copying failed');
  };

  return (
    <div
      ref={log}
      class="log"
      role="log"
      aria-label="Conversation"
      aria-live="off"
      tabIndex={0}
      onClick={(event) => void copyCode(event)}
    >
      <div ref={column} class="log-column">
        {messages.length === 0 && <EmptyState />}
        {messages.map((message, index) => (
          <MessageItem key={message.id} message={message} isLast={index === messages.length - 1} />
        ))}
      </div>
    </div>
  );
}
