import { render } from 'preact';
import { createApp } from './app.ts';
import { keepFresh } from './state/freshness.ts';
import { keepAlive } from './state/heartbeat.ts';
import { connectRoutes } from './state/navigation.ts';
import { AppProvider } from './views/app-context.ts';
import { keepAboveKeyboard } from './views/keyboard-inset.ts';
import { Page } from './views/page.tsx';

const app = createApp();

connectRoutes(app);
keepFresh(app.chat, app.channel);
keepAlive(app.session);
keepAboveKeyboard();
render(
  <AppProvider value={app}>
    <Page />
  </AppProvider>,
  document.getElementById('app')!,
);
void app.session.start();
