import type { Conversation } from './conversation.ts';
import type { Draft } from './draft.ts';
import type { Message } from './message.ts';
import type { OnView } from './on-view.ts';

export interface EditorParts {
  readonly draft: Draft;
  readonly onView: OnView;
}

/** A message of one's own in the conversation on view, while it is being changed. */
export class Editor {
  constructor(private readonly parts: EditorParts) {}

  /** What another message was to be changed to joins the draft. */
  begin(prompt: Message): void {
    this.parts.draft.changeEdit(this.#conversation, failedEdit(this.#conversation, prompt));
    this.#conversation.editing.value = prompt;
  }

  /** What the message is to become. */
  get text(): string {
    return this.parts.draft.editOf(this.#conversation) || (this.#conversation.editing.peek()?.text.peek() ?? '');
  }

  write(text: string): void {
    const isChanged = text.trim() !== this.#conversation.editing.peek()?.text.peek();
    this.parts.draft.keepEdit(this.#conversation, isChanged ? text.trim() : '');
  }

  cancel(): void {
    const { editing } = this.#conversation;
    this.parts.draft.keepEdit(this.#conversation, failedEdit(this.#conversation, editing.peek()));
    editing.value = null;
  }

  get #conversation(): Conversation {
    return this.parts.onView.conversation.peek();
  }
}

/** What a message was to be changed to, where that has failed and is still on view. */
function failedEdit(conversation: Conversation, prompt: Message | null): string {
  const failed = conversation.replacement.peek();
  return failed?.replaced === prompt ? (failed?.prompt.text.peek() ?? '') : '';
}
