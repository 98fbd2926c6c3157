// The languages that are highlighted, each with the names under which code may name it. Known to the page from the
// start, so that the highlighter is not loaded for others.
const NAMES: Readonly<Record<string, string>> = {
  apache: 'apacheconf',
  bash: 'sh zsh',
  c: 'h',
  cpp: 'c++ cc cxx hpp',
  csharp: 'c# cs',
  css: '',
  diff: 'patch',
  dockerfile: 'docker',
  go: 'golang',
  ini: 'toml conf env systemd',
  java: '',
  javascript: 'js jsx mjs cjs',
  json: 'jsonc json5',
  kotlin: 'kt kts',
  lua: '',
  makefile: 'make mk',
  markdown: 'md',
  nginx: 'nginxconf',
  perl: 'pl pm',
  php: '',
  powershell: 'ps1 pwsh',
  python: 'py',
  r: '',
  ruby: 'rb',
  rust: 'rs',
  scss: 'sass less',
  shell: 'console shellsession',
  sql: 'sqlite mysql postgresql',
  swift: '',
  typescript: 'ts tsx mts cts',
  xml: 'html xhtml svg',
  yaml: 'yml',
};

export const LANGUAGES: readonly string[] = Object.keys(NAMES);

const BY_NAME = new Map<string, string>(
  Object.entries(NAMES).flatMap(([language, others]) =>
    [language, ...others.split(' ').filter(Boolean)].map((name): [string, string] => [name, language]),
  ),
);

/** The language that a fence names, or null when it is none of ours. */
export function languageNamed(name: string): string | null {
  return BY_NAME.get(name.toLowerCase()) ?? null;
}
