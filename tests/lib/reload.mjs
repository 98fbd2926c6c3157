// Settings in a file, and SIGHUP to have them read again.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './program.mjs';

/** Writes settings as a .env file; an undefined one is left out. */
export function writeSettings(file, settings) {
  const lines = Object.entries(settings).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
}

/** The settings of a program under test, all of them in a file: what to give startApp() or startGateway(). */
export function inFile(folder, settings) {
  const file = path.join(folder, 'settings.env');
  writeSettings(file, settings);
  const env = Object.fromEntries(Object.keys(settings).map((name) => [name, undefined]));
  return { folder, env, args: ['--threads', '4', '--env-file', file], file };
}

/** SIGHUP; resolves to what the log says of it from there on. `ends` is how it ends. */
export async function reload(program, ends = /msg=(reloaded|"not reloaded)/) {
  const before = program.stderr.length;
  program.signal('SIGHUP');
  await eventually(() => {
    if (program.ended) throw new Error(`ended:\n${program.stderr.slice(before)}`);
    return ends.test(program.stderr.slice(before));
  }, 'nothing was said of a reload');
  return program.stderr.slice(before);
}

/** Calls `action` over and over in `lanes` lanes until stop() is awaited, which answers how often; throws what it threw. */
export function underLoad(action, lanes = 4) {
  let going = true;
  let calls = 0;
  const running = Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    while (going) {
      await action(lane);
      calls++;
    }
  }));
  running.catch(() => { going = false; });
  return {
    get calls() {
      return calls;
    },
    async stop() {
      going = false;
      await running;
      return calls;
    },
  };
}
