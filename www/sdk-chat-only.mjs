import { readFile } from 'node:fs/promises';

const RESOURCE = /[\\/]openai[\\/]resources[\\/].*\.mjs$/;
const CHAT = /[\\/]resources[\\/]chat[\\/]/;

/** For esbuild: of all that the SDK can ask a service for, only the chat is bundled; the other classes are empty. */
export const sdkChatOnly = {
  name: 'SDK: chat only',
  setup({ onLoad }) {
    onLoad({ filter: RESOURCE }, async ({ path }) => {
      if (CHAT.test(path)) return undefined;
      const classes = [...(await readFile(path, 'utf8')).matchAll(/^export class (\w+)/gm)];
      return classes.length > 0 ? { contents: classes.map(([, name]) => `export class ${name} {}`).join('\n') } : undefined;
    });
  },
};
