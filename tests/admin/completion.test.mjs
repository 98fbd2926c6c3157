// Completion in bash, asked as bash asks it.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, temporaryFolder } from '../lib/program.mjs';
import { SERVERS, SOURCES, adminCommands, help, optionsIn, pageCommands, pageOptions, sorted } from '../lib/documents.mjs';

const SCRIPT = `
. "$1" || exit
COMP_LINE=$2 COMP_POINT=\${#2}
[ -z "$3" ] || COMP_WORDBREAKS=$3
specification=$(complete -p "\${2%% *}") || exit
[[ $specification =~ -F\\ ([^ ]+) ]] || exit
"\${BASH_REMATCH[1]}"
printf '%s\\n' "\${COMPREPLY[@]}"
`;

const folder = temporaryFolder();
writeFileSync(path.join(folder, 'chat.env'), '');
writeFileSync(path.join(folder, 'my chat.env'), '');
mkdirSync(path.join(folder, 'chat'));

/** What bash would be offered at the end of `line`; `breaks` are the characters that end words, bash's own unless given. */
function complete(line, breaks = '') {
  const program = line.split(' ')[0];
  const { code, stdout, stderr } = run('/bin/bash', ['--norc', '-c', SCRIPT, 'bash', `${SOURCES}doc/completion/${program}`, line, breaks],
    { cwd: folder });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return stdout.split('\n').filter(Boolean);
}

const namesOf = (options) => options.map(({ name }) => name);
const without = (names, ...unwanted) => names.filter((name) => !unwanted.includes(name));

for (const program of SERVERS) {
  describe(program, () => {
    const options = namesOf(optionsIn(help(program)));

    test('every option, each once', () => {
      assert.deepEqual(sorted(complete(`${program} `)), sorted(options));
      assert.deepEqual(sorted(complete(`${program} --check-config --threads 4 `)), sorted(without(options, '--check-config', '--threads')));
      assert.deepEqual(complete(`${program} --so`), ['--socket-mode']);
    });

    test('values', () => {
      assert.deepEqual(complete(`${program} --threads `), []);
      assert.deepEqual(complete(`${program} --socket-mode 066`), ['0660', '0666']);
      assert.deepEqual(sorted(complete(`${program} --env-file chat`)), ['chat', 'chat.env']);
      assert.deepEqual(complete(`${program} --env-file=chat.`), ['chat.env']);
      assert.deepEqual(complete(`${program} --env-file my\\ c`), ['my chat.env']);
    });

    test('addresses', () => {
      assert.deepEqual(complete(`${program} --listen `), ['unix:', 'tcp:']);
      assert.deepEqual(complete(`${program} --listen=u`), ['unix:']);
      assert.deepEqual(complete(`${program} --listen unix:${folder}/chat.`), [`${folder}/chat.env`]);
      assert.deepEqual(complete(`${program} --listen=unix:${folder}/chat.`), [`${folder}/chat.env`]);
    });

    test('where : and = are part of words', () => {
      assert.deepEqual(complete(`${program} --listen=unix:chat.`, ' '), ['--listen=unix:chat.env']);
      assert.deepEqual(complete(`${program} --listen=unix:chat.`, ' ='), ['unix:chat.env']);
    });
  });
}

describe('behest-admin', () => {
  const commands = adminCommands();
  const page = pageCommands();
  const own = [...page.values()].flatMap(pageOptions);
  const general = without(namesOf(optionsIn(help('behest-admin'))), ...own);

  test('groups, and the commands of each', () => {
    const groups = sorted(commands.map((command) => command.split(' ')[0]));
    assert.deepEqual(sorted(complete('behest-admin ')), groups);
    assert.deepEqual(sorted(complete('behest-admin --env-file chat.env --json ')), groups);
    for (const group of groups) {
      const names = commands.filter((command) => command.startsWith(`${group} `)).map((command) => command.split(' ')[1]);
      if (names.length) assert.deepEqual(sorted(complete(`behest-admin ${group} `)), sorted(names));
    }
    assert.deepEqual(complete('behest-admin user sh'), ['show']);
  });

  for (const command of commands) {
    test(`the options of ${command}`, () => {
      assert.deepEqual(sorted(complete(`behest-admin ${command} -`)), sorted([...general, ...pageOptions(page.get(command))]));
    });
  }

  test('each option once', () => {
    assert.deepEqual(complete('behest-admin user add --email a@example.org --handle=ada --e'), ['--env-file']);
  });

  test('values: files where files are wanted', () => {
    for (const option of ['--env-file', '--database'])
      assert.deepEqual(complete(`behest-admin ${option} chat.`), ['chat.env']);
    assert.deepEqual(complete('behest-admin keygen --out=chat.'), ['chat.env']);
    assert.deepEqual(complete('behest-admin --json db backup chat.'), ['chat.env']);
    assert.deepEqual(complete('behest-admin user add --email chat.'), []);
    assert.deepEqual(complete('behest-admin user add --tier '), []);
  });

  test('arguments', () => {
    assert.deepEqual(complete('behest-admin tier set ada '), ['default']);
    assert.deepEqual(complete('behest-admin tier set '), [], 'users are not looked up');
    assert.deepEqual(complete('behest-admin role add ada '), []);
    assert.deepEqual(sorted(complete('behest-admin user list ')), sorted(general));
  });

  test('words that are no commands', () => {
    for (const line of ['behest-admin nonsense ', 'behest-admin user nonsense ', "behest-admin 'x ", 'behest-admin $(touch made) '])
      assert.doesNotThrow(() => complete(line), line);
    assert.deepEqual(complete('behest-admin db backup ma'), []);
  });
});
