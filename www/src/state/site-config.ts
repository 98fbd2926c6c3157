import { computed, signal } from '@preact/signals';
import type { Configs } from '../net/site.ts';

/** What whoever runs the site has decided about the page. */
export class SiteConfig {
  readonly #configs = signal<Configs>({});
  readonly isSignupOpen = computed(() => this.#text('chat.signup') !== 'closed');
  /** Where a larger plan is to be had. */
  readonly upgradeUrl = computed(() => httpUrl(this.#text('chat.upgradeUrl')));
  /** Questions that an empty chat offers. */
  readonly examples = computed(() => this.#text('chat.examples').split('|').filter(Boolean));

  take(configs: Configs): void {
    this.#configs.value = configs;
  }

  #text(key: string): string {
    const value = this.#configs.value[key]?.value;
    return typeof value === 'string' ? value : '';
  }
}

function httpUrl(text: string): string | null {
  return /^https?:\/\//i.test(text) ? text : null;
}
