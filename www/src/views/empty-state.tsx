import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';

export function EmptyState() {
  const { chat, session, site } = useApp();
  const name = session.user.value?.firstName || session.user.value?.handle;
  const ask = (question: string) => {
    chat.ask(question);
    focusComposer();
  };
  return (
    <div class="empty">
      <h2>{name ? `Hello, ${name}` : 'Hello'}</h2>
      <p>What would you like to know?</p>
      {site.examples.value.length > 0 && (
        <ul class="examples">
          {site.examples.value.map((question) => (
            <li key={question}>
              <button type="button" class="example" onClick={() => ask(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
