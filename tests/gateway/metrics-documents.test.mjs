// The README's table of metrics names those that there are, and nothing else.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { startApp } from '../lib/app.mjs';
import { read, sorted } from '../lib/documents.mjs';
import { parseExposition } from '../lib/exposition.mjs';
import { startGateway } from '../lib/gateway.mjs';

const app = await startApp({ env: { CHAT_METRICS: 'loopback' } });
after(() => app.stop());
const gateway = await startGateway({ env: { GATEWAY_METRICS: 'loopback' } });
after(() => gateway.stop());

const metricsOf = async (client) => parseExposition((await client.get('/metrics')).text);
const local = { remoteAddr: '127.0.0.1' };
const families = new Map([...await metricsOf(app.client(local)), ...await metricsOf(Object.assign(gateway.client, local))]);

/** The rows of the table: names with their labels, and the text. */
const rows = [.../^\| metric \| what \|\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(read('README.md'))[1].matchAll(/^\| (.*?) \| (.*) \|$/gm)]
  .map(([, names, text]) => ({ names: [...names.matchAll(/`([a-z_]+)(?:\{([a-z,]+)\})?`/g)], text }));

test('each metric has a row', () => {
  assert.deepEqual(sorted(rows.flatMap(({ names }) => names.map(([, name]) => name))), sorted(families.keys()));
});

test('the labels are those in the braces, and their values are named', () => {
  let compared = 0;
  for (const { names, text } of rows) {
    for (const [, name, labels = ''] of names) {
      for (const sample of families.get(name).samples) {
        const found = Object.entries(sample.labels).filter(([label]) => label !== 'le');
        assert.equal(found.map(([label]) => label).join(','), labels, name);
        if (found.length !== 1 || ['route', 'version'].includes(labels)) continue;
        assert.ok(text.includes(`\`${found[0][1]}\``), `${name} ${found[0][1]}`);
        compared++;
      }
    }
  }
  assert.ok(compared > 20, `${compared}`);
});
