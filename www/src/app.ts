import { basePath } from './lib/base.ts';
import { CodeHighlighter } from './markdown/code-highlighter.ts';
import { loadHighlighter } from './markdown/load-highlighter.ts';
import { createRenderer, type MarkdownRenderer } from './markdown/render.ts';
import { authorizedCalls } from './net/authorized.ts';
import { claimsOf } from './net/claims.ts';
import { diagnose } from './net/diagnosis.ts';
import { streamCompletion } from './net/gateway.ts';
import { SessionTokens } from './net/session-tokens.ts';
import { checkGateway, mint } from './net/site.ts';
import { checkThread, deleteThread, listThreads, readMessages } from './net/threads.ts';
import type { Mint } from './net/token.ts';
import { readUsageToday } from './net/usage.ts';
import { Announcer } from './state/announcer.ts';
import type { Chat } from './state/chat.ts';
import { Connection } from './state/connection.ts';
import { createChat } from './state/create-chat.ts';
import { handover } from './state/handover.ts';
import { Panels } from './state/panels.ts';
import { Provisional } from './state/provisional.ts';
import { Router } from './state/router.ts';
import { threadRoute } from './state/routes.ts';
import { Session } from './state/session.ts';
import { SiteConfig } from './state/site-config.ts';
import { TabChannel } from './state/tab-channel.ts';
import { ThemeChoice } from './state/theme.ts';
import { ThreadList } from './state/thread-list.ts';
import { threadMemory } from './state/thread-memory.ts';
import { Usage } from './state/usage.ts';
import { localArea, tabArea } from './storage/area.ts';

export interface App {
  readonly announcer: Announcer;
  readonly channel: TabChannel;
  readonly chat: Chat;
  readonly codeHighlighter: CodeHighlighter;
  readonly connection: Connection;
  readonly panels: Panels;
  readonly renderMarkdown: MarkdownRenderer;
  readonly router: Router;
  readonly session: Session;
  readonly site: SiteConfig;
  readonly theme: ThemeChoice;
  readonly threads: ThreadList;
  readonly usage: Usage;
}

/** Puts the parts of the page together. */
export function createApp(): App {
  const area = localArea();
  const announcer = new Announcer();
  const mintAndTell: Mint = async (sessionId) => {
    const token = await mint(sessionId);
    await session.checkUser(claimsOf(token.token).userId);
    usage.noteToken(token);
    return token;
  };
  const tokens = new SessionTokens(mintAndTell);
  const usage = new Usage({ tokens: () => tokens.shared, read: readUsageToday });
  const channel = new TabChannel(basePath);
  const router = new Router();
  const provisional = new Provisional(tabArea(), basePath);
  const onExpired = (reason: string) => session.expire(reason);
  const call = authorizedCalls({ tokens: () => tokens.shared, onExpired });
  const threads = new ThreadList({ call, list: listThreads, memory: threadMemory(area, basePath) });
  const site = new SiteConfig();
  const chat = createChat({
    tokens,
    call,
    gateway: { stream: streamCompletion, readMessages, checkThread, deleteThread },
    threads,
    provisional,
    diagnose: async () => diagnose(await checkGateway()),
    announcer,
    onAddress: (threadId, how) => router.go(threadRoute(threadId), how),
    onListChanged: () => channel.tellOthers('threads'),
    onExpired,
    onForbidden: (reason) => void session.signOut(reason).catch(() => session.expire(reason)),
  });
  usage.follow(chat.isStreaming);
  const session = new Session(
    {
      onConfigs: (configs) => site.take(configs),
      ...handover({ area, scope: basePath, router, chat, usage, provisional }),
    },
    channel,
  );
  return {
    announcer,
    channel,
    chat,
    codeHighlighter: new CodeHighlighter(loadHighlighter),
    connection: new Connection(announcer),
    panels: new Panels(),
    renderMarkdown: createRenderer(window),
    router,
    session,
    site,
    theme: new ThemeChoice(area, basePath),
    threads,
    usage,
  };
}
