import { effect, signal } from '@preact/signals';
import type { Area } from '../storage/area.ts';

export type Theme = 'system' | 'light' | 'dark';

/** Light or dark, by the system or by choice. The choice is the browser's, not a user's: sign-out keeps it. */
export class ThemeChoice {
  readonly theme;

  constructor(area: Area, scope: string) {
    const key = `chat:${scope}:theme`;
    const kept = area.get(key);
    this.theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system');
    effect(() => {
      const theme = this.theme.value;
      if (theme === 'system') {
        delete document.documentElement.dataset['theme'];
        area.remove(key);
      } else {
        document.documentElement.dataset['theme'] = theme;
        area.set(key, theme);
      }
      colourBrowser(theme);
    });
  }
}

/** What the browser draws around the page is as light or dark as the page. */
function colourBrowser(theme: Theme): void {
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const scheme = meta.dataset['scheme'];
    meta.media = theme === 'system' ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? 'all' : 'not all';
  }
}
