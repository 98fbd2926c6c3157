import { useLayoutEffect, useRef } from 'preact/hooks';
import { BlockSplitter } from '../markdown/blocks.ts';
import { headingLimits } from '../markdown/heading-levels.ts';
import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';
import { CopyButton } from './copy-button.tsx';
import { EditForm } from './edit-form.tsx';
import { FailureNotice } from './failure-notice.tsx';
import { EditIcon, RegenerateIcon } from './icons.tsx';
import { MarkdownBlock } from './markdown-block.tsx';
import { PauseNotice } from './pause-notice.tsx';
import type { Message } from '../state/message.ts';

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
  const { chat } = useApp();
  const edit = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const conversation = chat.conversation.value;
  const isEditing = conversation.editing.value === message;
  const canEdit = !conversation.isStreaming.value;

  useLayoutEffect(() => {
    if (wasEditing.current && !isEditing && document.activeElement === document.body) edit.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);

  const submit = (text: string) => {
    chat.replace(message, text);
    focusComposer();
  };
  if (isEditing) {
    const messages = conversation.messages.value;
    return (
      <article class="message prompt" data-role="user" aria-label="You">
        <EditForm
          text={chat.editor.text}
          hasLater={messages.indexOf(message) < messages.length - 2}
          canSubmit={canEdit}
          onInput={(text) => chat.editor.write(text)}
          onCancel={() => chat.editor.cancel()}
          onSubmit={submit}
        />
      </article>
    );
  }
  return (
    <article class="message prompt" data-role="user" aria-label="You">
      {canEdit && (
        <button ref={edit} type="button" class="edit-button" aria-label="Edit" title="Edit" onClick={() => chat.editor.begin(message)}>
          <EditIcon />
        </button>
      )}
      <div class="bubble" dir="auto">{message.text}</div>
    </article>
  );
}

/** A provisional one is no part of the conversation yet. */
export function Reply({ message, isLast, isProvisional = false }: Props & { isProvisional?: boolean }) {
  const { chat } = useApp();
  const state = message.state.value;
  const isStreaming = state === 'streaming';
  const text = message.text.value;
  const pause = message.pause.value;
  const isIdle = !chat.isStreaming.value;
  const isEmpty = text.trim() === '';
  return (
    <article class="message reply" data-role="assistant" data-state={state === 'done' ? undefined : state} aria-label="Reply">
      <ReplyText text={text} isStreaming={isStreaming} />
      {isStreaming && isEmpty && !pause && <div class="waiting" aria-hidden="true" />}
      {pause && <PauseNotice pause={pause} />}
      {isStreaming && isLast && isIdle && <p class="reply-note">Still being written</p>}
      {state === 'done' && isEmpty && <p class="reply-note">The reply was empty.</p>}
      {!isStreaming && <FailureNotice message={message} canRetry={isLast} />}
      {!isStreaming && !isProvisional && (!isEmpty || state === 'done' || state === 'stopped') && (
        <div class="reply-actions">
          {!isEmpty && <CopyButton text={() => message.text.peek()} />}
          {isLast && isIdle && (state === 'done' || state === 'stopped') && <RegenerateButton message={message} />}
        </div>
      )}
    </article>
  );
}

function RegenerateButton({ message }: { message: Message }) {
  const { chat } = useApp();
  const regenerate = () => {
    const prompt = chat.conversation.peek().turnOf(message)?.prompt;
    if (prompt) chat.replace(prompt, prompt.text.peek());
    focusComposer();
  };
  return (
    <button type="button" class="quiet-button" onClick={regenerate}>
      <RegenerateIcon />
      Regenerate
    </button>
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
