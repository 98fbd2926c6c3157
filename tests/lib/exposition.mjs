// Prometheus' text exposition format 0.0.4, read strictly: whatever a scraper might stumble over is thrown.

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/;
const UNESCAPED = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

function parseLabels(text) {
  const labels = {};
  for (let rest = text; rest;) {
    const match = LABEL.exec(rest);
    if (!match || (match[3] === ',' && match[0].length === rest.length)) throw new Error(`not labels: ${text}`);
    if (match[1] in labels) throw new Error(`twice the label ${match[1]}: ${text}`);
    labels[match[1]] = match[2].replace(/\\[\\"n]/g, (escape) => UNESCAPED[escape]);
    rest = rest.slice(match[0].length);
  }
  return labels;
}

function parseNumber(text) {
  if (text === '+Inf') return Infinity;
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

const without = (labels, name) => JSON.stringify(Object.entries(labels).filter(([key]) => key !== name).sort());

/** What is true of each histogram: buckets rise, and the last one, +Inf, holds as many as _count says. */
function checkHistogram(family) {
  const series = new Map();
  for (const sample of family.samples) {
    const key = without(sample.labels, 'le');
    if (!series.has(key)) series.set(key, { buckets: [] });
    const one = series.get(key);
    if (sample.suffix === '_bucket') one.buckets.push([parseNumber(sample.labels.le), sample.value]);
    else one[sample.suffix] = sample.value;
  }
  for (const [key, { buckets, _count, _sum }] of series) {
    if (_count === undefined || _sum === undefined) throw new Error(`${family.name} ${key}: no _sum or _count`);
    buckets.forEach(([bound, count], i) => {
      if (i && (bound <= buckets[i - 1][0] || count < buckets[i - 1][1])) throw new Error(`${family.name} ${key}: not rising`);
    });
    const last = buckets[buckets.length - 1];
    if (last?.[0] !== Infinity || last[1] !== _count) throw new Error(`${family.name} ${key}: +Inf is not _count`);
  }
}

function checkFamily(family) {
  const { name, type, help } = family;
  if (!help) throw new Error(`${name} has no HELP`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`);
  if (type === 'counter' && family.samples.some(({ value }) => value < 0)) throw new Error(`${name} is negative`);
  if (type === 'histogram') checkHistogram(family);
}

function parseSample(line, family) {
  const match = /^([^ {]+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (!match || !NAME.test(match[1])) throw new Error(`not a sample: ${line}`);
  const suffix = family && match[1].startsWith(family.name) ? match[1].slice(family.name.length) : undefined;
  const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!suffixes.includes(suffix)) throw new Error(`a sample outside of its family: ${line}`);
  if (match[2] === '') throw new Error(`empty labels: ${line}`);
  return { suffix, labels: parseLabels(match[2] ?? ''), value: parseNumber(match[3]) };
}

/** The metrics by name: {name, type, help, samples: [{suffix, labels, value}]}. */
export function parseExposition(text) {
  if (!text.endsWith('\n') || text.includes('\r')) throw new Error('lines do not end as they should');
  const families = new Map();
  const seen = new Set();
  let family;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (!NAME.test(name) || families.has(name)) throw new Error(`not a name, or twice: ${line}`);
      family = { name, help: rest, samples: [] };
      families.set(name, family);
    } else if (keyword === 'TYPE') {
      if (family?.name !== name || family.type || family.samples.length) throw new Error(`TYPE at the wrong place: ${line}`);
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`no such type: ${line}`);
      family.type = rest;
    } else {
      const sample = parseSample(line, family);
      const key = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(key)) throw new Error(`twice: ${key}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const each of families.values()) checkFamily(each);
  return families;
}

/** What was counted: the value of the series with these labels, 0 when there is none yet. */
export function counted(families, name, labels = {}, suffix = '') {
  const family = families.get(name);
  if (!family) throw new Error(`there is no metric ${name}`);
  const found = family.samples.filter((sample) => sample.suffix === suffix &&
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
  if (found.length > 1) throw new Error(`several series of ${name} have ${JSON.stringify(labels)}`);
  return found[0]?.value ?? 0;
}
