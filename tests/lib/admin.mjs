// behest-admin on a database of its own, without a server.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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

/** A program and its arguments: the command that follows them can open a terminal. */
function withTerminals() {
  way ??= WAYS.find(([program, ...args]) => spawnSync(program, [...args, 'script -qec true /dev/null']).status === 0);
  if (!way) throw new Error('script(1) cannot open a pseudo-terminal here: is /dev/pts mounted?');
  return way;
}

const shellWord = (word) => `'${word.replace(/'/g, "'\\''")}'`;

/** Runs behest-admin on a terminal of its own, where a line is typed at each question; answers its exit code and what the terminal showed. */
export async function onTerminal(args, typed = []) {
  const command = [programPath('behest-admin'), ...args].map(shellWord).join(' ');
  const [program, ...before] = withTerminals();
  const child = spawn(program, [...before, `script -qec ${shellWord(command)} /dev/null`], { stdio: ['pipe', 'pipe', 'inherit'], timeout: 60_000 });
  const left = [...typed];
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    screen += text;
    if (left.length > 0 && screen.endsWith(': ')) child.stdin.write(`${left.shift()}\n`);
  });
  const [code] = await once(child, 'close');
  return { code, screen: screen.replace(/\r/g, '') };
}
