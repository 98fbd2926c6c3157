// The man pages and the README name what the programs have, and nothing else.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { USAGE } from '../lib/admin.mjs';
import { run } from '../lib/program.mjs';
import { SERVERS, adminCommands, help, optionsIn, pageCommands, pageOptions, pageSettings, read, settingsIn, settingsKnown, settingsRead, sorted }
  from '../lib/documents.mjs';

/** The rows of the README's tables of settings: `{ names, default }`. */
function readmeSettings() {
  const rows = [];
  for (const [, table] of read('README.md').matchAll(/^\| setting \| meaning \| default \|\n\|[-|]+\|\n((?:\|.*\n)+)/gm)) {
    for (const row of table.trim().split('\n')) {
      const [, names, meaning, value] = row.split(/(?<!\\)\|/);
      rows.push({ names: settingsIn(names), others: settingsIn(meaning), default: value.trim() });
    }
  }
  return rows;
}

describe('settings', () => {
  const all = sorted(settingsRead());

  test('there are some', () => assert.ok(all.length > 25, all.join(' ')));

  test('--help names those that are read', () => {
    assert.deepEqual(sorted(SERVERS.flatMap((program) => [...settingsIn(help(program))])), all);
  });

  test('no others are taken for typing mistakes', () => {
    assert.deepEqual(settingsKnown(), all);
  });

  test('behest-fcgi.conf(5) has an item for each, with a text', () => {
    const items = pageSettings();
    assert.deepEqual(sorted(items.keys()), all);
    for (const [name, text] of items) assert.ok(text.length > 20, name);
  });

  test("the README's tables name each", () => {
    const rows = readmeSettings();
    assert.deepEqual(sorted(rows.flatMap(({ names, others }) => [...names, ...others])), all);
  });

  test('pages and sample files name no others', () => {
    for (const file of ['man/behest-fcgi.8', 'man/behest-gateway.8', 'man/behest-admin.8', 'man/behest-fcgi.conf.5', 'chat.env', 'gateway.env'])
      for (const name of settingsIn(read(`doc/${file}`))) assert.ok(all.includes(name), `${file}: ${name}`);
  });

  test("the README's defaults are those of behest-fcgi.conf(5)", () => {
    const items = pageSettings();
    let compared = 0;
    for (const { names, default: value } of readmeSettings()) {
      const values = value.match(/(?<=`)[^`]+(?=`)|^\d+$/g)?.filter((part) => part.trim() !== ',') ?? [];
      for (const [index, name] of [...names].entries()) {
        const expected = values[Math.min(index, values.length - 1)];
        if (!expected) continue;
        compared++;
        assert.match(items.get(name), /^Default:/m, name);
        assert.ok(items.get(name).split(/^Default:/m)[1].includes(expected), `${name}: ${expected}`);
      }
    }
    assert.ok(compared >= 10, `${compared}`);
  });
});

describe('options', () => {
  for (const program of SERVERS) {
    test(`${program}(8) has an item for each that ${program} --help lists`, () => {
      const listed = optionsIn(help(program)).map(({ name }) => name);
      assert.ok(listed.length > 5);
      assert.deepEqual(sorted(pageOptions(read(`doc/man/${program}.8`))), sorted(listed));
    });
  }
});

describe('exit codes', () => {
  for (const [page, header] of [...SERVERS.map((program) => [`${program}.8`, 'src/fcgi/options.h']), ['behest-admin.8', 'src/admin/admin.h']]) {
    test(`${page} has an item for each of ${header}`, () => {
      const codes = [...read(header).matchAll(/\b(?:EXIT|ADMIN)_[A-Z]+ = (\d+)/g)].map(([, code]) => code);
      const [, section] = /^\.Sh EXIT STATUS\n(.*?)^\.Sh /ms.exec(read(`doc/man/${page}`));
      assert.ok(codes.length >= 4);
      assert.deepEqual([...section.matchAll(/^\.It (\d+)$/gm)].map(([, code]) => code), sorted(['0', ...codes]));
    });
  }
});

describe('behest-admin', () => {
  const options = optionsIn(help('behest-admin'));
  const page = pageCommands();
  const ownOptions = sorted([...page.values()].flatMap(pageOptions));

  /** Whether a command takes an option; it always ends with an error, for the words are too many or there is no database. */
  function takes(command, { name, value }) {
    const { code, stderr } = run('behest-admin', [...command.split(' '), 'x', 'x', name, ...(value ? ['x'] : [])]);
    assert.notEqual(code, 0, `${command} ${name}`);
    if (stderr.includes('is not for')) assert.equal(code, USAGE);
    return !stderr.includes('is not for');
  }

  test('behest-admin(8) has an item for each command', () => {
    assert.deepEqual(sorted(page.keys()), sorted(adminCommands()));
  });

  test('behest-admin(8) has an item for each option', () => {
    assert.deepEqual(sorted(pageOptions(read('doc/man/behest-admin.8'))), sorted(options.map(({ name }) => name)));
  });

  for (const command of adminCommands()) {
    test(`behest-admin(8) says which options are for ${command}`, () => {
      const taken = options.filter(({ name }) => ownOptions.includes(name)).filter((option) => takes(command, option));
      assert.deepEqual(sorted(pageOptions(page.get(command))), sorted(taken.map(({ name }) => name)));
    });
  }
});
