import { useId } from 'preact/hooks';
import type { Theme } from '../state/theme.ts';
import { useApp } from './app-context.ts';
import { MoonIcon, SunIcon, SystemIcon } from './icons.tsx';

const CHOICES = [
  { theme: 'system', label: 'System', Icon: SystemIcon },
  { theme: 'light', label: 'Light', Icon: SunIcon },
  { theme: 'dark', label: 'Dark', Icon: MoonIcon },
] as const satisfies readonly { theme: Theme; label: string; Icon: unknown }[];

export function ThemeSwitch() {
  const { theme } = useApp();
  const name = useId();
  return (
    <fieldset class="theme-switch">
      <legend class="visually-hidden">Theme</legend>
      {CHOICES.map((choice) => (
        <label key={choice.theme} title={choice.label}>
          <input
            type="radio"
            name={name}
            class="visually-hidden"
            aria-label={choice.label}
            checked={theme.theme.value === choice.theme}
            onChange={() => (theme.theme.value = choice.theme)}
          />
          <choice.Icon />
        </label>
      ))}
    </fieldset>
  );
}
