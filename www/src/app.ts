import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { basePath } from './lib/base.ts';
import { CodeHighlighter } from './markdown/code-highlighter.ts';
import { loadHighlighter } from './markdown/load-highlighter.ts';
import { createRenderer, type MarkdownRenderer } from './markdown/render.ts';
import { diagnose } from './net/diagnosis.ts';
import { keepsThreads, streamCompletion } from './net/gateway.ts';
import { checkGateway, mint } from './net/site.ts';
import { TokenSource, type Mint } from './net/token.ts';
import { readUsageToday } from './net/usage.ts';
import { Announcer } from './state/announcer.ts';
import { Chat } from './state/chat.ts';
import { Router } from './state/router.ts';
import { SessionChannel } from './state/session-channel.ts';
import { Session } from './state/session.ts';
import { ThemeChoice } from './state/theme.ts';
import { Usage } from './state/usage.ts';
import { localArea } from './storage/area.ts';
import { purgeUsers, UserData } from './storage/user-data.ts';

export interface App {
  readonly announcer: Announcer;
  readonly chat: Chat;
  readonly codeHighlighter: CodeHighlighter;
  readonly renderMarkdown: MarkdownRenderer;
  readonly router: Router;
  readonly session: Session;
  readonly theme: ThemeChoice;
  readonly usage: Usage;
}

/** Puts the parts of the page together. */
export function createApp(): App {
  const area = localArea();
  const announcer = new Announcer();
  const mintAndTell: Mint = async (sessionId) => {
    const token = await mint(sessionId);
    usage.noteToken(token);
    return token;
  };
  const tokens = new TokenSource(mintAndTell);
  const usage = new Usage({ tokens: () => tokens, read: readUsageToday });
  const chat = new Chat({
    tokens,
    gateway: { stream: streamCompletion, keepsThreads },
    diagnose: async () => diagnose(await checkGateway()),
    announcer,
    onExpired: (reason) => session.expire(reason),
    onForbidden: (reason) => void session.signOut(reason).catch(() => session.expire(reason)),
  });
  usage.follow(chat.isStreaming);
  const session = new Session(
    {
      onUser: (user) => {
        purgeUsers(area, basePath, user.id);
        chat.open(new UserData(area, basePath, user.id));
      },
      onLeave: (forget) => {
        chat.close();
        usage.clear();
        if (forget) purgeUsers(area, basePath, null);
      },
    },
    new SessionChannel(basePath),
  );
  return {
    announcer,
    chat,
    codeHighlighter: new CodeHighlighter(loadHighlighter),
    renderMarkdown: createRenderer(window),
    router: new Router(),
    session,
    theme: new ThemeChoice(area, basePath),
    usage,
  };
}

export const AppContext = createContext<App | null>(null);

export const AppProvider = AppContext.Provider;

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('useApp outside of AppProvider');
  return app;
}
