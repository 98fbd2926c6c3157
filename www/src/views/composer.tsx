import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { SendIcon, StopIcon } from './icons.tsx';
import { isSendKey } from './send-key.ts';
import { passOnFocus } from './pass-on-focus.ts';
import { touchScreen } from './touch.ts';

const INPUT_ID = 'message-input';
const growsByItself = CSS.supports('field-sizing', 'content');

/** On a touch screen, where that would bring up the keyboard unasked, what was said instead of nothing at all. */
export function focusComposer(): void {
  if (!touchScreen.matches) document.getElementById(INPUT_ID)?.focus();
  // The button that was pressed goes with the next frame.
  else void passOnFocus(Promise.resolve(), () => document.querySelector<HTMLElement>('[role="log"]'));
}

export function Composer() {
  const { chat, connection } = useApp();
  const input = useRef<HTMLTextAreaElement>(null);
  const draft = chat.draft.value;
  const isStreaming = chat.isStreaming.value;

  useLayoutEffect(focusComposer, [chat.openings.value]);

  useLayoutEffect(() => {
    const area = input.current!;
    if (growsByItself) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }, [draft]);

  // The button that had the focus is about to go: Send when a reply starts, Stop when it ends.
  const hadFocus = document.activeElement?.closest('.composer-actions') != null;
  useLayoutEffect(() => {
    if (hadFocus && document.activeElement === document.body) focusComposer();
  }, [isStreaming]);

  const send = () => {
    chat.send();
    focusComposer();
  };
  const stop = () => {
    chat.stop();
    focusComposer();
  };
  const keyDown = (event: KeyboardEvent) => {
    if (!isSendKey(event, touchScreen.matches)) return;
    event.preventDefault();
    // Held down it would send a draft that has just come back, over and over.
    if (!event.repeat) send();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="visually-hidden" for={INPUT_ID}>
        Message
      </label>
      <div class="composer-box">
        <textarea
          ref={input}
          id={INPUT_ID}
          rows={1}
          dir="auto"
          placeholder="Ask anything"
          enterkeyhint={touchScreen.matches ? 'enter' : 'send'}
          value={draft}
          onInput={(event) => chat.write(event.currentTarget.value)}
          onKeyDown={keyDown}
        />
        <div class="composer-actions">
          {isStreaming ? (
            <button key="stop" type="button" class="round-button" aria-label="Stop" onClick={stop}>
              <StopIcon />
            </button>
          ) : (
            <button key="send" type="submit" class="round-button" aria-label="Send" disabled={!chat.canSend.value}>
              <SendIcon />
            </button>
          )}
        </div>
      </div>
      {connection.isOnline.value ? (
        <p class="composer-hint" aria-hidden="true">
          {touchScreen.matches ? 'Replies can be wrong.' : 'Enter sends, Shift + Enter makes a new line. Replies can be wrong.'}
        </p>
      ) : (
        <p class="composer-hint is-offline">You are offline. What you write is kept, and can be sent when you are online again.</p>
      )}
    </form>
  );
}
