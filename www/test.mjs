// Bundles the unit tests into a temporary folder and runs them: node test.mjs [--test-reporter=...]
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
// Within node_modules, so that packages which are not bundled are found from there.
const folder = await mkdtemp(path.join(here, 'node_modules', '.unit-'));
try {
  const tests = await testsBelow(path.join(here, 'src'));
  await build({
    absWorkingDir: here,
    entryPoints: tests,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node18',
    packages: 'external',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    sourcemap: 'inline',
    outdir: folder,
    outbase: 'src',
    outExtension: { '.js': '.mjs' },
    // A global in every browser, but not in Node 18.
    banner: { js: "import { webcrypto } from 'node:crypto'; globalThis.crypto ??= webcrypto;" },
    logLevel: 'warning',
  });
  const bundles = tests.map((test) => path.join(folder, path.relative('src', test).replace(/\.tsx?$/, '.mjs')));
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...process.argv.slice(2), ...bundles], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function testsBelow(directory) {
  const entries = await readdir(directory, { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const full = path.join(directory, entry.name);
      if (entry.isDirectory()) return testsBelow(full);
      return /\.test\.tsx?$/.test(entry.name) ? [path.relative(here, full)] : [];
    }),
  );
  return found.flat().sort();
}
