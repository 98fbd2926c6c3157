// Starts the real programs, each in a temporary folder, and leaves none behind.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Connection, request, within } from './fastcgi.mjs';
import { cgiParams } from './cgi.mjs';

export const BUILD = path.resolve(process.env.BUILD || fileURLToPath(new URL('../../build', import.meta.url)));

const children = new Set();
const folders = new Set();

function cleanUp() {
  for (const child of children) {
    try {
      process.kill(child.pid, 'SIGKILL');
    } catch { /* it ended by itself */ }
  }
  children.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}
process.on('exit', cleanUp);
// What a failed test left running would keep this process from ending.
after(() => setTimeout(cleanUp, 30_000).unref());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => process.exit(128 + os.constants.signals[signal]));

export function temporaryFolder() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'behest-test-'));
  folders.add(folder);
  return folder;
}

export function programPath(name) {
  return path.join(BUILD, name);
}

// The machine's own settings must not reach a program under test, except what sanitizers and coverage need.
function cleanEnvironment(env) {
  const kept = {};
  for (const [name, value] of Object.entries(process.env))
    if (/^(PATH|HOME|TMPDIR|LANG|[A-Z]+SAN_OPTIONS|GCOV_PREFIX.*|LLVM_PROFILE_FILE)$/.test(name)) kept[name] = value;
  return { ...kept, ...env };
}

/** Runs a program to its end. */
export function run(name, args = [], { env = {}, input = '', cwd = temporaryFolder(), timeout = 20_000 } = {}) {
  const file = name.includes('/') ? name : programPath(name);
  const result = spawnSync(file, args, { env: cleanEnvironment(env), input, cwd, timeout, encoding: 'utf8' });
  // EPIPE: it ended without reading its input.
  if (result.error && result.error.code !== 'EPIPE') throw result.error;
  return { code: result.status, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
}

/** As run(), without holding up this process, so that a scripted server here can answer it. */
export async function runAsync(name, args = [], { env = {}, input = '', cwd = temporaryFolder() } = {}) {
  const program = new Program(programPath(name), args, { env, cwd, input });
  const { code, signal } = await within(program.exited, `${name} did not end`);
  return { code, signal, stdout: program.stdout, stderr: program.stderr };
}

/** A running program. */
export class Program {
  stdout = '';
  stderr = '';
  #watchers = new Set();

  constructor(file, args, { env = {}, cwd, input } = {}) {
    this.child = spawn(file, args, { env: cleanEnvironment(env), cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    children.add(this.child);
    this.child.stdin.on('error', () => {});
    this.child.stdin.end(input);
    this.child.stdout.setEncoding('utf8').on('data', (text) => { this.stdout += text; });
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
      for (const watch of this.#watchers) watch();
    });
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        children.delete(this.child);
        this.ended = { code, signal };
        resolve(this.ended);
        for (const watch of this.#watchers) watch();
      });
    });
    this.exited.catch(() => {});
  }

  get pid() {
    return this.child.pid;
  }

  signal(name) {
    this.child.kill(name);
  }

  /** SIGTERM, then the exit code, which a clean drain makes 0. */
  async stop(signal = 'SIGTERM') {
    if (!this.ended) this.signal(signal);
    const { code, signal: by } = await within(this.exited, 'the program did not stop');
    if (code !== 0) throw new Error(`ended with ${by ?? code} instead of 0; it said:\n${this.stderr.slice(-4000)}`);
  }

  async kill() {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** Waits until stderr matches, and returns the match. */
  seen(pattern) {
    return within(new Promise((resolve, reject) => {
      const watch = () => {
        const match = pattern.exec(this.stderr);
        if (match) resolve(match);
        else if (this.ended) reject(new Error(`ended without saying ${pattern}:\n${this.stderr}`));
        else return;
        this.#watchers.delete(watch);
      };
      this.#watchers.add(watch);
      watch();
    }), `nothing on stderr like ${pattern}`, 20_000);
  }
}

/** Starts a responder on a unix socket and waits until it answers /healthz. */
export async function startResponder(name, { env = {}, args = [], folder = temporaryFolder(), wrapper = [], ready = true } = {}) {
  const file = programPath(name);
  if (!existsSync(file)) throw new Error(`${file} is not built`);
  const socket = path.join(folder, `${name}-${process.pid}-${++sockets}.sock`);
  const command = [...wrapper, file, '--listen', `unix:${socket}`, ...args];
  const program = new Program(command[0], command.slice(1), { env, cwd: folder });
  program.address = { path: socket };
  program.folder = folder;
  if (ready) await whenReady(program);
  return program;
}
let sockets = 0;

export async function whenReady(program) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (program.ended)
      throw new Error(`did not start (${program.ended.signal ?? program.ended.code}):\n${program.stderr}`);
    if (await healthy(program.address)) return program;
    if (Date.now() > deadline) throw new Error(`not ready after 30 s:\n${program.stderr}`);
    await sleep(15);
  }
}

/** Whether /healthz answers `ok` on a new connection. */
export async function healthy(address) {
  try {
    const answer = await request(address, { params: cgiParams({ method: 'GET', path: '/healthz' }) });
    return answer.status === 200 && answer.text.trim() === 'ok';
  } catch {
    return false;
  }
}

/** Resolves when the log lines of all that was answered up to now are in `program.stderr`. */
export async function isLogged(program) {
  const path = `/the-last-of-${++logged}`;
  await request(program.address, { params: cgiParams({ method: 'GET', path }) });
  await program.seen(new RegExp(`path=${path} `));
}
let logged = 0;

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until `condition` holds. */
export async function eventually(condition, message = 'it did not happen', ms = 20_000) {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${message} within ${ms} ms`);
    await sleep(20);
  }
}

export { Connection, within };
