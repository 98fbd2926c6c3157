import type { Area } from '../storage/area.ts';

/** Whether the gateway keeps threads is nobody's secret: sign-out leaves it, and the next page comes up in its final layout. */
export function threadMemory(area: Area, scope: string) {
  const key = `chat:${scope}:keeps-threads`;
  return {
    load: (): boolean | null => {
      const kept = area.get(key);
      return kept === null ? null : kept === 'yes';
    },
    save: (isKept: boolean): void => void area.set(key, isKept ? 'yes' : 'no'),
  };
}
