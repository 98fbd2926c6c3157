// Garbage that is the same in every run.
import { TYPE, beginRequest, encodePairs, record } from './fastcgi.mjs';

/** Marsaglia's xorshift32. */
export function generator(seed) {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const below = (limit) => next() % limit;
  const bytes = (length) => Buffer.from(Array.from({ length }, () => next() & 255));
  /** Records that begin well, with some of their bytes changed. */
  const records = (params) => {
    const types = Object.values(TYPE);
    const parts = [beginRequest(1, { keep: below(2) === 1 }), record(TYPE.PARAMS, 1, encodePairs(params))];
    for (let i = below(6); i > 0; i--) parts.push(record(types[below(types.length)], below(3), bytes(below(200)),
      { padding: below(9) }));
    const all = Buffer.concat(parts);
    for (let i = below(8); i > 0; i--) all[below(all.length)] = next() & 255;
    return all;
  };
  return { below, bytes, records };
}
