import type { RefObject } from 'preact';
import { copyText } from '../lib/clipboard.ts';
import { COPY_CODE_CLASS } from '../markdown/decorate.ts';
import type { Conversation } from '../state/conversation.ts';
import { useApp } from './app-context.ts';
import { EmptyState } from './empty-state.tsx';
import { HistoryFailed, HistoryLoading, NotFound } from './history-state.tsx';
import { MessageItem } from './message-item.tsx';
import { passOnFocus } from './pass-on-focus.ts';
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
  const { chat } = useApp();
  const history = conversation.history.value;
  const messages = conversation.messages.value;
  const replacement = conversation.replacement.value;
  const loadEarlier = () => void passOnFocus(chat.loadEarlier(), () => log.current);
  if (history.state === 'loading') return <HistoryLoading />;
  if (history.state === 'failed') return <HistoryFailed failure={history.failure} />;
  if (history.state === 'missing') return <NotFound />;
  if (messages.length === 0) return <EmptyState />;
  return (
    <>
      {conversation.hasEarlier.value && (
        <button type="button" class="quiet-button earlier-button" onClick={loadEarlier}>
          Show earlier messages
        </button>
      )}
      {messages.map((message, index) => (
        <MessageItem key={message.id} message={message} isLast={index === messages.length - 1} />
      ))}
      {replacement && <ReplacementTurn key={replacement.reply.id} replacement={replacement} />}
    </>
  );
}
