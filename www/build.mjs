// Builds the page: node build.mjs --out DIR
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { licenses } from './licenses.mjs';
import { sdkChatOnly } from './sdk-chat-only.mjs';

const FIRST_LOAD_LIMIT = 100_000;
const ASSETS = 'assets';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (!values.out) {
  console.error('usage: node build.mjs --out DIR');
  process.exit(64);
}
const out = path.resolve(values.out);

await clean();
const files = new Map();
const highlighter = await bundle({ highlight: 'src/markdown/highlight.ts' });
const { script, style, inputs } = await bundle(
  { main: 'src/main.tsx', style: 'src/styles/index.css' },
  { HIGHLIGHTER_FILE: JSON.stringify(path.basename(highlighter.script)) },
);
const icon = addHashed('icon.svg', await readFile(path.join(here, 'src/icon.svg')));
const index = (await readFile(path.join(here, 'src/index.html'), 'utf8'))
  .replace('{{icon}}', icon)
  .replace('{{style}}', style)
  .replace('{{script}}', script);
files.set('index.html', Buffer.from(index));
const firstLoad = [...files.keys()].filter((name) => name !== highlighter.script);
files.set('licenses.txt', Buffer.from(await licenses(here, [...inputs, ...highlighter.inputs])));
await writeAll();
checkSize(firstLoad);

/** Only what an earlier build has left, whatever else may be in the folder. */
async function clean() {
  await rm(path.join(out, ASSETS), { recursive: true, force: true });
  await mkdir(path.join(out, ASSETS), { recursive: true });
}

/** Each entry becomes one file: what is loaded later shares nothing with the first script, which stays a single one. */
async function bundle(entryPoints, define = {}) {
  const result = await build({
    absWorkingDir: here,
    entryPoints,
    define,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    entryNames: '[name]-[hash]',
    outdir: path.join(out, ASSETS),
    write: false,
    metafile: true,
    logLevel: 'warning',
    plugins: [sdkChatOnly],
  });
  const names = {};
  for (const file of result.outputFiles) {
    const name = `${ASSETS}/${path.basename(file.path)}`;
    files.set(name, Buffer.from(file.contents));
    names[path.extname(name)] = name;
  }
  return { script: names['.js'], style: names['.css'], inputs: Object.keys(result.metafile.inputs) };
}

function addHashed(name, contents) {
  const { name: stem, ext } = path.parse(name);
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 8).toUpperCase();
  const hashed = `${ASSETS}/${stem}-${hash}${ext}`;
  files.set(hashed, contents);
  return hashed;
}

async function writeAll() {
  for (const [name, contents] of files) {
    await writeFile(path.join(out, name), contents);
    await writeFile(path.join(out, `${name}.gz`), compress(contents));
  }
}

function compress(contents) {
  return gzipSync(contents, { level: 9 });
}

function checkSize(names) {
  let total = 0;
  for (const name of names) {
    const { length } = compress(files.get(name));
    total += length;
    console.log(`${String(length).padStart(8)}  ${name}`);
  }
  console.log(`${String(total).padStart(8)}  first load, compressed`);
  if (total <= FIRST_LOAD_LIMIT) return;
  console.error(`The first load is over its limit of ${FIRST_LOAD_LIMIT} bytes.`);
  process.exit(1);
}
