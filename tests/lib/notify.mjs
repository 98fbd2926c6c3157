// systemd as a program sees it that was started with Type=notify.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program, eventually, temporaryFolder } from './program.mjs';

const LISTENER = fileURLToPath(new URL('notify.pl', import.meta.url));

/** Listens for notifications: `env` is for the program that sends them, `messages` what came. */
export async function startManager({ watchdogMs } = {}) {
  const socket = path.join(temporaryFolder(), 'notify');
  const listener = new Program('perl', [LISTENER, socket], {});
  await eventually(() => listener.stdout.includes('listening'), 'nobody listens');
  return {
    env: { NOTIFY_SOCKET: socket, ...(watchdogMs && { WATCHDOG_USEC: String(watchdogMs * 1000) }) },
    get messages() {
      return listener.stdout.split('\n').slice(1, -1);
    },
    stop: () => listener.kill(),
  };
}
