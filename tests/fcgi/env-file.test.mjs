// --env-file: the format of .env files.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { appEnvironment, makeSite, signingKey, startApp } from '../lib/app.mjs';
import { run, temporaryFolder } from '../lib/program.mjs';

const folder = temporaryFolder();
makeSite(folder);

function envFile(text) {
  const file = path.join(temporaryFolder(), '.modelence.env');
  writeFileSync(file, text);
  return file;
}

/** The value that a line of a file sets, as the program reads it: configs of init show this one. */
async function upgradeUrlOf(text, env = {}) {
  const app = await startApp({ env, args: ['--env-file', envFile(text)] });
  const { configs } = await app.client().call('_system.session.init');
  await app.stop();
  return configs['chat.upgradeUrl'].value;
}

test('a whole file, as the environment would be', async () => {
  const lines = Object.entries(appEnvironment(folder)).map(([name, value]) => `${name}=${value}`);
  const { code, stderr } = run('behest-fcgi', ['--check-config', '--env-file', envFile(lines.join('\n'))]);
  assert.equal(code, 0, stderr);
});

test('a PEM in quotes over several lines, or with \\n', () => {
  for (const key of [`"behest_pk_${signingKey.pkcs8}"`, `"behest_pk_${signingKey.pkcs8.replace(/\n/g, '\\n')}"`,
    `'behest_pk_${signingKey.pkcs1}'`]) {
    const { BEHEST_KEY, ...env } = appEnvironment(folder);
    const { code, stderr } = run('behest-fcgi', ['--check-config', '--env-file', envFile(`BEHEST_KEY=${key}\n`)], { env });
    assert.equal(code, 0, `${stderr}${BEHEST_KEY ? '' : ''}`);
  }
});

describe('lines', () => {
  const X = 'https://x.example/a';
  for (const [name, text, expected] of [
    ['plain', `CHAT_UPGRADE_URL=${X}`, X],
    ['CR LF', `# first\r\nCHAT_UPGRADE_URL=${X}\r\nCHAT_SIGNUP=open\r\n`, X],
    ['export', `export CHAT_UPGRADE_URL=${X}\n`, X],
    ['blanks', `  \n\n \t CHAT_UPGRADE_URL = ${X} \t\n`, X],
    ['a comment behind it', `CHAT_UPGRADE_URL=${X} # the shop\n`, X],
    ['single quotes', `CHAT_UPGRADE_URL='${X}' # the shop\n`, X],
    ['double quotes', `CHAT_UPGRADE_URL="${X}"\n`, X],
    ['a percent-encoded hash in quotes', `CHAT_UPGRADE_URL="${X}%23b"`, `${X}%23b`],
    ['a dollar stays one', `CHAT_UPGRADE_URL=${X}/$HOME\n`, `${X}/$HOME`],
    ['an equals sign in it', `CHAT_UPGRADE_URL=${X}/b=c\n`, `${X}/b=c`],
    ['a byte order mark', `\ufeffCHAT_UPGRADE_URL=${X}\n`, X],
    ['no line feed at the end', `CHAT_SIGNUP=open\nCHAT_UPGRADE_URL=${X}`, X],
    ['empty', 'CHAT_UPGRADE_URL=\n', ''],
    ['unknown names', `PATH=/evil\nMODELENCE_TOKEN=x\nNPM_CONFIG=1\nCHAT_UPGRADE_URL=${X}\n`, X],
    ['twice: the last one', `CHAT_UPGRADE_URL=https://other.example\nCHAT_UPGRADE_URL=${X}\n`, X],
  ]) {
    test(name, async () => assert.equal(await upgradeUrlOf(text), expected));
  }
});

test('the environment wins', async () => {
  assert.equal(await upgradeUrlOf('CHAT_UPGRADE_URL=https://file.example\n', { CHAT_UPGRADE_URL: 'https://environment.example' }),
    'https://environment.example');
});

test('what is wrong with the file is said with its line', () => {
  for (const [text, line] of [['CHAT_SIGNUP=open\nnonsense\n', 2], ['=x\n', 1], ['CHAT_SIGNUP="open\n', 1],
    ["\n\nCHAT_SIGNUP='open' x\n", 3], ['1 2=x', 1]]) {
    const { code, stderr } = run('behest-fcgi', ['--check-config', '--env-file', envFile(text)], { env: appEnvironment(folder) });
    assert.equal(code, 78, `${JSON.stringify(text)} ${stderr}`);
    assert.match(stderr, new RegExp(`\\b${line}\\b`), text);
  }
});

test('a secret in a broken line is not echoed', () => {
  const { code, stderr } = run('behest-fcgi', ['--check-config', '--env-file', envFile('BEHEST_KEY="behest_sk_live_unlikely\n')],
    { env: appEnvironment(folder, { BEHEST_KEY: '' }) });
  assert.equal(code, 78);
  assert.ok(!stderr.includes('unlikely'));
});

test('a file that is not there, is a folder, or is too large', () => {
  for (const file of ['/no/such/.env', folder, envFile(`#${'x'.repeat(1 << 20)}\n`)]) {
    const { code, stderr } = run('behest-fcgi', ['--check-config', '--env-file', file], { env: appEnvironment(folder) });
    assert.ok([66, 78].includes(code), `${code} ${stderr}`);
    assert.ok(stderr.includes(file), stderr);
  }
});
