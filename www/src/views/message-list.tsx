import type { RefObject } from 'preact';
import { copyText } from '../lib/clipboard.ts';
import { COPIED_SHOWN_MS } from './copy-button.tsx';
import { COPY_CODE_CLASS } from '../markdown/decorate.ts';
import type { Conversation } from '../state/conversation.ts';
import { useApp } from './app-context.ts';
import { EarlierButton } from './earlier-button.tsx';
import { EmptyState } from './empty-state.tsx';
import { HistoryFailed, HistoryLoading, NotFound } from './history-state.tsx';
import { MessageItem } from './message-item.tsx';
import { ReplacementTurn } from './replacement-turn.tsx';

interface Props {
  readonly log: RefObject<HTMLDivElement | null>;
  readonly column: RefObject<HTMLDivElement | null>;
}

export function MessageList({ log, column }: Props) {
  const { announcer, chat } = useApp();
  const conversation = chat.conversation.value;

  // The buttons over code are part of the rendered Markdown, so their clicks are taken here.
  const copyCode = async (event: MouseEvent) => {
    const button = (event.target as Element).closest(`.${COPY_CODE_CLASS}`);
    const code = button?.closest('.code-block')?.querySelector('pre')?.textContent;
    if (!button || code == null) return;
    const isCopied = await copyText(code.replace(/\n$/, ''));
    announcer.say(isCopied ? 'Copied' : 'Copying failed');
    button.textContent = isCopied ? 'Copied' : 'Failed';
    setTimeout(() => (button.textContent = 'Copy'), COPIED_SHOWN_MS);
  };

  return (
    <div
      ref={log}
      class="log"
      role="log"
      aria-label="Conversation"
      aria-live="off"
      aria-busy={conversation.history.value.state === 'loading'}
      tabIndex={0}
      onClick={(event) => void copyCode(event)}
    >
      <div ref={column} class="log-column">
        <Messages conversation={conversation} log={log} />
      </div>
    </div>
  );
}

function Messages({ conversation, log }: { conversation: Conversation; log: Props['log'] }) {
  const history = conversation.history.value;
  const messages = conversation.messages.value;
  const replacement = conversation.replacement.value;
  if (history.state === 'loading') return <HistoryLoading />;
  if (history.state === 'failed') return <HistoryFailed failure={history.failure} />;
  if (history.state === 'missing') return <NotFound />;
  if (messages.length === 0) return <EmptyState />;
  return (
    <>
      {conversation.hasEarlier.value && <EarlierButton key={conversation.threadId} log={log} />}
      {messages.map((message, index) => (
        <MessageItem key={message.id} message={message} isLast={index === messages.length - 1} />
      ))}
      {replacement && <ReplacementTurn key={replacement.reply.id} replacement={replacement} />}
    </>
  );
}
