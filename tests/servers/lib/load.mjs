// People who keep using a site while something happens to it.
import https from 'node:https';
import { sleep } from '../../lib/program.mjs';
import { METHODS, Visitor } from './visitor.mjs';

const TIMEOUT_MS = 20_000;

/** A request over a connection that the agent keeps; answers { status, text }. */
function request(site, agent, { path, headers, body, address }) {
  const { hostname, host } = new URL(site.origin);
  const options = { agent, host: site.connect, port: site.port, servername: hostname, ca: site.ca, localAddress: address, method: 'POST', path,
    headers: { host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers } };
  return new Promise((resolve, reject) => {
    const sent = https.request(options, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(pieces).toString() }));
    });
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('no answer')));
    sent.on('error', (error) => reject(Object.assign(error, { unheard: sent.reusedSocket && error.code === 'ECONNRESET' })));
    sent.end(body);
  });
}

/** A server may close a kept connection just as a request is sent on it: as browsers do, it is then sent once more, on a new one. */
function insistent(site, agent, options) {
  return request(site, agent, options).catch((error) => {
    if (!error.unheard) throw error;
    return request(site, agent, options);
  });
}

export class Load {
  #stopped = false;
  answered = 0;
  /** What went wrong, as text, in the order in which it did. */
  failures = [];

  /**
   * `people` signed-in visitors call init and mint in turn, each over a connection of their own, until stop(). Without `keepAlive` each
   * request has its own connection.
   */
  static async start(site, { people = 3, keepAlive = true } = {}) {
    const load = new Load();
    const visitors = await Promise.all(Array.from({ length: people }, () => new Visitor(site).join()));
    load.ended = Promise.all(visitors.map((visitor) => load.#use(site, visitor, keepAlive)));
    await load.more(people * 2);
    return load;
  }

  async #use(site, { address, cookies, id, mount }, keepAlive) {
    const agent = new https.Agent({ keepAlive, maxSockets: 1 });
    const headers = { cookie: `authToken=${cookies.get('authToken')}`, origin: site.origin };
    for (let turn = 0; !this.#stopped; turn++) {
      const method = turn % 2 ? 'behest.mint' : '_system.session.init';
      try {
        const { status, text } = await insistent(site, agent, { path: `${mount}${METHODS}${method}`, headers, address, body: '{"args":{}}' });
        const { data } = status === 200 ? JSON.parse(text) : {};
        if (data && (data.token || data.session?.userId === id)) this.answered++;
        else await this.#failed(`${method}: ${status} ${text.slice(0, 100)}`);
      } catch (error) {
        await this.#failed(`${method}: ${error.message}`);
      }
    }
    agent.destroy();
  }

  /* Who is refused tries again, though not at once. */
  #failed(what) {
    this.failures.push(what);
    return sleep(20);
  }

  /** Waits until so many more requests were answered. */
  async more(count) {
    const wanted = this.answered + count;
    const deadline = Date.now() + 30_000;
    while (this.answered < wanted) {
      if (Date.now() > deadline) throw new Error(`no more answers: ${this.failures.slice(-5).join('; ')}`);
      await sleep(10);
    }
  }

  async stop() {
    this.#stopped = true;
    await this.ended;
    return this;
  }
}
