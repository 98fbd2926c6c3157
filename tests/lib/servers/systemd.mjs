// systemd's part where systemd does not run: the programs as the units of doc/systemd start them, with their sockets.
import { fileURLToPath } from 'node:url';
import { eventually } from '../program.mjs';
import { isHealthy, launch, pidsOf, signalAll, webUser } from './site.mjs';

const HOLDER = fileURLToPath(new URL('socket-unit.pl', import.meta.url));

/** Starts both programs with a socket unit each. */
export async function startUnits(ground) {
  const threads = ground.threads ? ['--threads', String(ground.threads)] : [];
  await startUnit(ground, 'behest-fcgi', 'chat', threads);
  await startUnit(ground, 'behest-gateway', 'gateway');
}

async function startUnit({ file, ...ground }, program, name, more = []) {
  const { uid = -1, gid = -1 } = webUser() ?? {};
  launch({ ...ground, file }, program, ['perl', HOLDER, file('run', `${name}.sock`), String(uid), String(gid),
    file('sbin', program), '--env-file', file('etc', `${name}.env`), ...more]);
  await eventually(() => pidsOf(ground.folder, program).length > 0, `${program} does not start`);
}

/** systemctl restart: SIGTERM, the end of the running requests, then a new process on the same socket. */
export async function restartUnit(made) {
  const before = new Set(made.appPids());
  signalAll(before, 'SIGTERM');
  await eventually(() => made.appPids().length > 0 && made.appPids().every((pid) => !before.has(pid)), 'no new process', 40_000);
  await eventually(() => isHealthy(made, made.chat), 'the restarted application does not answer');
}
