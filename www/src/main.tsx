import { effect } from '@preact/signals';
import { render } from 'preact';
import { AppProvider, createApp } from './app.ts';
import { keepAlive } from './state/heartbeat.ts';
import { keepAboveKeyboard } from './views/keyboard-inset.ts';
import { Page } from './views/page.tsx';

const app = createApp();

effect(() => {
  const phase = app.session.phase.value;
  const route = app.router.route.value;
  if (phase === 'signedIn' && route !== '/') app.router.go('/', { replace: true });
  if (phase === 'signedOut' && (route === '/' || (route === '/signup' && !app.session.isSignupOpen.value))) {
    app.router.go('/signin', { replace: true });
  }
});
keepAlive(app.session);
keepAboveKeyboard();
render(
  <AppProvider value={app}>
    <Page />
  </AppProvider>,
  document.getElementById('app')!,
);
void app.session.start();
