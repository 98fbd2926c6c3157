// Ports on which nobody listens.
import { randomInt } from 'node:crypto';
import net from 'node:net';

/** A port below those that the system gives to whoever asks for any: none of these can take it before its server is there. */
export async function freePort() {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    const server = net.createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
