// What was seen to work through each server, for the table in README.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BUILD } from '../../lib/program.mjs';

const FOLDER = path.join(BUILD, 'test-logs', 'servers');

/** What one server's checks saw: see(feature, value) is called at the end of a check that holds; write() keeps it. */
export class Seen {
  #features = {};

  see(feature, value) {
    const values = (this.#features[feature] ??= []);
    if (!values.includes(value)) values.push(value);
  }

  /** Replaces what an earlier run of this server's checks left. */
  write(name) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path.join(FOLDER, `${name}.json`), `${JSON.stringify(this.#features, null, 2)}\n`);
  }
}

/** All that was written: { server: { feature: [value...] } }. */
export function readSeen() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(files.map((name) => [name.slice(0, -5), JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8'))]));
}
