import { useApp } from './app-context.ts';
import { focusComposer } from './composer.tsx';
import { PlusIcon } from './icons.tsx';

export function NewChatButton({ class: className }: { class: string }) {
  const { chat } = useApp();
  const newChat = () => {
    chat.newChat();
    focusComposer();
  };
  return (
    <button type="button" class={className} title="New chat (Ctrl + Shift + O)" onClick={newChat}>
      <PlusIcon />
      <span class="bar-label">New chat</span>
    </button>
  );
}
