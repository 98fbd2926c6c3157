import { useRef } from 'preact/hooks';
import { BlockSplitter } from '../markdown/blocks.ts';
import { headingLimits } from '../markdown/heading-levels.ts';
import type { Message } from '../state/conversation.ts';
import { CopyButton } from './copy-button.tsx';
import { FailureNotice } from './failure-notice.tsx';
import { MarkdownBlock } from './markdown-block.tsx';
import { PauseNotice } from './pause-notice.tsx';

interface Props {
  readonly message: Message;
  readonly isLast: boolean;
}

export function MessageItem({ message, isLast }: Props) {
  const isPrompt = message.role === 'user';
  return (
    <>
      <h2 class="visually-hidden">{isPrompt ? 'You' : 'Reply'}</h2>
      {isPrompt ? <Prompt message={message} /> : <Reply message={message} isLast={isLast} />}
    </>
  );
}

function Prompt({ message }: { message: Message }) {
  return (
    <article class="message prompt" data-role="user" aria-label="You">
      <div class="bubble">{message.text}</div>
    </article>
  );
}

function Reply({ message, isLast }: Props) {
  const state = message.state.value;
  const isStreaming = state === 'streaming';
  const text = message.text.value;
  const pause = message.pause.value;
  return (
    <article class="message reply" data-role="assistant" data-state={state === 'done' ? undefined : state} aria-label="Reply">
      <ReplyText text={text} isStreaming={isStreaming} />
      {isStreaming && text === '' && !pause && <div class="waiting" aria-hidden="true" />}
      {pause && <PauseNotice pause={pause} />}
      {state === 'done' && text === '' && <p class="reply-note">The reply was empty.</p>}
      {!isStreaming && <FailureNotice message={message} canRetry={isLast} />}
      {!isStreaming && text !== '' && (
        <div class="reply-actions">
          <CopyButton text={() => message.text.peek()} />
        </div>
      )}
    </article>
  );
}

function ReplyText({ text, isStreaming }: { text: string; isStreaming: boolean }) {
  const splitter = useRef<BlockSplitter>(null);
  splitter.current ??= new BlockSplitter();
  const blocks = isStreaming ? splitter.current.split(text) : splitter.current.splitWhole(text);
  const finished = isStreaming ? splitter.current.finishedCount : blocks.length;
  const limits = headingLimits(blocks);
  return (
    <div class="markdown">
      {blocks.map((block, index) => (
        <MarkdownBlock key={index} source={block} headingLimit={limits[index]!} isFinished={index < finished} />
      ))}
    </div>
  );
}
