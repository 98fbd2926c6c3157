// behest-admin on a database of its own, without a server.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { programPath, run, temporaryFolder } from './program.mjs';

export const DONE = 0;
export const FAILED = 1;
export const USAGE = 64;
export const CONFIG = 78;

export function makeAdmin() {
  const folder = temporaryFolder();
  const database = path.join(folder, 'chat.db');
  const admin = (...args) => {
    const options = typeof args[args.length - 1] === 'object' ? args.pop() : {};
    return run('behest-admin', ['--database', database, ...args], options);
  };
  /** What a command prints with --json. */
  admin.json = (...args) => {
    const { code, stdout, stderr } = admin(...args, '--json');
    if (code !== 0) throw new Error(`${args.join(' ')}: ${code} ${stderr}`);
    return JSON.parse(stdout);
  };
  /** A new account; answers its row. */
  admin.add = (email, ...args) => {
    const { code, stdout, stderr } = admin('user', 'add', '--email', email, ...args, '--json', { input: 'correct horse\n' });
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };
  return Object.assign(admin, { folder, database });
}

const hasScript = spawnSync('script', ['--version']).status === 0;
export const TERMINAL = hasScript ? false : 'script(1) of util-linux is needed to have a terminal';

/** Runs behest-admin on a terminal of its own, with lines typed; answers its exit code and what the terminal showed. */
export function onTerminal(args, typed) {
  const quoted = [programPath('behest-admin'), ...args].map((word) => `'${word.replace(/'/g, "'\\''")}'`).join(' ');
  // Typed with pauses: what comes before the echo is off would show on the terminal, and be thrown away.
  const keyboard = typed.map((line) => `sleep 0.5; printf '%s\\n' '${line}'`).join('; ');
  const result = spawnSync('sh', ['-c', `(${keyboard}; sleep 0.5) | script -qec "$0" /dev/null`, quoted], { encoding: 'utf8', timeout: 30_000 });
  return { code: result.status, screen: result.stdout.replace(/\r/g, '') };
}
