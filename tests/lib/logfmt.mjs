/** A log line as an object, null when it is not logfmt from beginning to end. */
export function parseLogLine(text) {
  const line = {};
  const pair = /([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|[^\s"=]*)(?: |$)/gy;
  let at = 0;
  while (at < text.length) {
    pair.lastIndex = at;
    const match = pair.exec(text);
    if (!match) return null;
    line[match[1]] = match[2].startsWith('"') ? match[2].slice(1, -1).replace(/\\(["\\])/g, '$1') : match[2];
    at = pair.lastIndex;
  }
  return line.time && line.level ? line : null;
}
