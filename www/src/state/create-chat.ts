import type { Call } from '../net/authorized.ts';
import type { Diagnosis } from '../net/diagnosis.ts';
import type { SessionTokens } from '../net/session-tokens.ts';
import type { Announcer } from './announcer.ts';
import { Chat } from './chat.ts';
import { ConversationStore } from './conversation-store.ts';
import { Draft } from './draft.ts';
import { Editor } from './editor.ts';
import { Examiner } from './examiner.ts';
import { HistoryLoader, type ReadMessages } from './history-loader.ts';
import { OnView } from './on-view.ts';
import type { Provisional } from './provisional.ts';
import { Replacer } from './replacer.ts';
import type { StreamCompletion } from './reply-runner.ts';
import { Runs } from './runs.ts';
import type { ThreadList } from './thread-list.ts';
import { ThreadRemover, type AskThread } from './thread-remover.ts';
import { Turns } from './turns.ts';

export interface Gateway {
  readonly stream: StreamCompletion;
  readonly readMessages: ReadMessages;
  readonly checkThread: AskThread;
  readonly deleteThread: AskThread;
}

export interface ChatSurroundings {
  readonly tokens: SessionTokens;
  readonly call: Call;
  readonly gateway: Gateway;
  readonly threads: ThreadList;
  readonly provisional: Provisional;
  readonly announcer: Announcer;
  /** Finds out why the browser gets no answer from the gateway. */
  diagnose(): Promise<Diagnosis>;
  /** The thread on view has another address; null is that of a new chat. */
  onAddress(threadId: string | null, how: { replace: boolean }): void;
  /** What was done here has changed the list of threads at the gateway. */
  onListChanged(): void;
  onExpired(reason: string): void;
  onForbidden(reason: string): void;
}

/** Puts the parts of the chat together. */
export function createChat(around: ChatSurroundings): Chat {
  const { tokens, call, gateway, threads, provisional, announcer, diagnose, onAddress, onListChanged, onExpired, onForbidden } = around;
  const store = new ConversationStore(tokens);
  const draft = new Draft();
  const history = new HistoryLoader({
    call,
    read: gateway.readMessages,
    onChanged: (conversation) => store.save(conversation),
    onMissing: (conversation) => {
      const { threadId } = conversation;
      const successor = store.successorOf(threadId);
      draft.carry(conversation, successor);
      threads.remove(threadId);
      store.drop(threadId);
      if (successor) onAddress(successor, { replace: true });
      return successor !== null;
    },
  });
  const onView = new OnView({ store, history, threads, draft, announcer, onAddress });
  const runs = new Runs({ stream: gateway.stream, history, threads, onView, announcer, diagnose, onExpired, onForbidden });
  const remover = new ThreadRemover({ call, check: gateway.checkThread, read: gateway.readMessages, delete: gateway.deleteThread, threads, provisional, onListChanged });
  const examiner = new Examiner({ store, runs });
  const turns = new Turns({ store, threads, draft, onView, runs, examiner, onListChanged });
  const replacer = new Replacer({ store, history, threads, provisional, draft, onView, runs, remover });
  const editor = new Editor({ draft, onView });
  return new Chat({ announcer, draft, editor, examiner, history, onView, remover, replacer, runs, store, threads, tokens, turns });
}
