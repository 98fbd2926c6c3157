import { describePause, type Pause } from '../net/pause.ts';
import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';
import { ClockIcon } from './icons.tsx';

/** While a request waits to be sent again; a countdown can be cancelled here, as with Stop and Esc. */
export function PauseNotice({ pause }: { pause: Pause }) {
  const { chat } = useApp();
  const cancel = () => {
    chat.stop();
    focusComposer();
  };
  return (
    <div class="reply-notice pause-notice">
      <ClockIcon />
      <p>{describePause(pause)}</p>
      {pause.counts && (
        <button type="button" class="outline-button" onClick={cancel}>
          Cancel
        </button>
      )}
    </div>
  );
}
