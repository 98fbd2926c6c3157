import { useApp } from './app-context.ts';
import { BrandMark } from './icons.tsx';

/** Before it is known who is signed in, and when the server does not tell. */
export function StartView() {
  const { session } = useApp();
  const hasFailed = session.phase.value === 'unreachable';
  return (
    <main class="start">
      <BrandMark class={hasFailed ? 'start-mark' : 'start-mark is-waiting'} />
      {hasFailed && (
        <div class="start-problem">
          <h1 class="visually-hidden">Behest</h1>
          <p role="alert">{session.startError}</p>
          <button type="button" class="primary-button" onClick={() => void session.start()}>
            Retry
          </button>
        </div>
      )}
    </main>
  );
}
