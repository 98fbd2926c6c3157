// Another process that holds a database's write lock.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Takes the lock; answers what gives it back, and resolves when it has. */
export async function lock(t, database) {
  const holder = spawn('sqlite3', [database], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => holder.kill());
  const ended = once(holder, 'exit');
  holder.stdin.write("BEGIN IMMEDIATE; SELECT 'held';\n");
  await once(holder.stdout, 'data');
  return async () => {
    holder.stdin.end('ROLLBACK;\n');
    await ended;
  };
}
