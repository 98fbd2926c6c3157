import { useApp } from '../app.ts';
import { focusComposer } from './composer.tsx';

const EXAMPLES = [
  'How do I put it behind nginx?',
  'How do I connect a real model?',
  'How do I add a user?',
  'How do I change the tier of a user?',
];

export function EmptyState() {
  const { chat, session } = useApp();
  const name = session.user.value?.firstName || session.user.value?.handle;
  const ask = (question: string) => {
    chat.ask(question);
    focusComposer();
  };
  return (
    <div class="empty">
      <h2>{name ? `Hello, ${name}` : 'Hello'}</h2>
      <p>What would you like to know?</p>
      <ul class="examples">
        {EXAMPLES.map((question) => (
          <li key={question}>
            <button type="button" class="example" onClick={() => ask(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
