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

// A container without pseudo-terminals gets some for the test, in a mount namespace of its own.
const MOUNT_TERMINALS = 'mount --make-private /dev; mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts && mount --bind /dev/pts/ptmx /dev/ptmx && exec sh -c "$0"';
const WAYS = [
  ['sh', '-c'],
  ['unshare', '-rm', 'sh', '-c', MOUNT_TERMINALS],
  ['unshare', '-m', '--propagation', 'unchanged', 'sh', '-c', MOUNT_TERMINALS],
  ['sudo', '-n', 'unshare', '-m', '--propagation', 'unchanged', 'sh', '-c', MOUNT_TERMINALS],
];
let way;

function withTerminals(command) {
  way ??= WAYS.find(([program, ...args]) => spawnSync(program, [...args, 'script -qec true /dev/null']).status === 0);
  if (!way) throw new Error('script(1) cannot open a pseudo-terminal here: is /dev/pts mounted?');
  const [program, ...args] = way;
  return spawnSync(program, [...args, command], { encoding: 'utf8', timeout: 30_000 });
}

const shellWord = (word) => `'${word.replace(/'/g, "'\\''")}'`;

/** Runs behest-admin on a terminal of its own, with lines typed; answers its exit code and what the terminal showed. */
export function onTerminal(args, typed) {
  const command = [programPath('behest-admin'), ...args].map(shellWord).join(' ');
  // Typed with pauses: what comes before the echo is off would show on the terminal, and be thrown away.
  const keyboard = typed.map((line) => `sleep 0.5; echo ${shellWord(line)}`).join('; ');
  const result = withTerminals(`(${keyboard}; sleep 0.5) | script -qec ${shellWord(command)} /dev/null`);
  return { code: result.status, screen: result.stdout.replace(/\r/g, '') };
}
