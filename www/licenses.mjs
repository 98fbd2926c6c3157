import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** The licences of the packages that are part of a bundle go where the bundle goes. `inputs` are the files in it. */
export async function licenses(root, inputs) {
  const names = new Set(inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]).filter(Boolean));
  const texts = await Promise.all([...names].sort().map((name) => licenseOf(path.join(root, 'node_modules', name), name)));
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}

async function licenseOf(folder, name) {
  const file = (await readdir(folder)).find((entry) => /^licen[sc]e/i.test(entry));
  const { version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const text = file ? await readFile(path.join(folder, file), 'utf8') : `License: ${license}`;
  return `${name} ${version}\n\n${text.trim()}\n`;
}
