// An OpenAI-compatible server as a script.
import http from 'node:http';

export function chunk(content, more = {}) {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'scripted',
    choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }] };
}

function event(data) {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** Behaviours: functions of (request as recorded, response, socket). */
export const replies = {
  json: (body, status = 200, headers = {}) => (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  },
  completion: (content, usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 }) => replies.json({
    id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'scripted', usage,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  }),
  text: (text, status = 200, headers = {}) => (_, response) => {
    response.writeHead(status, { 'content-type': 'text/plain', ...headers });
    response.end(text);
  },
  redirect: (location) => replies.text('', 307, { location }),
  error: (status, headers = {}, message = 'said the upstream') => replies.json({ error: { message, type: 'x',
    code: 'upstream_code' } }, status, headers),
  stream: (pieces, usage) => (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) response.write(event(chunk(piece)));
    response.write(event(chunk('', { delta: {}, finish_reason: 'stop' })));
    if (usage) response.write(event({ ...chunk(''), choices: [], usage }));
    response.end(event('[DONE]'));
  },
  /** A stream whose steps the test takes: `hands` gets piece(), done(), raw(), destroy(). */
  byHand: (hands) => (seen, response, socket) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    hands({
      seen,
      piece: (content) => response.write(event(chunk(content))),
      raw: (text) => response.write(text),
      done: () => response.end(`${event(chunk('', { delta: {}, finish_reason: 'stop' }))}${event('[DONE]')}`),
      end: () => response.end(),
      destroy: () => socket.destroy(),
    });
  },
  hang: () => () => {},
  close: () => (_, response, socket) => { socket.end(); },
  reset: () => (_, response, socket) => { socket.resetAndDestroy(); },
};

export class ScriptedUpstream {
  requests = [];
  next = [];
  always = replies.stream(['Hello', ' there']);

  static async start() {
    const upstream = new ScriptedUpstream();
    upstream.server = http.createServer((request, response) => upstream.#handle(request, response));
    upstream.server.keepAliveTimeout = 60_000;
    await new Promise((resolve) => upstream.server.listen(0, '127.0.0.1', resolve));
    upstream.url = `http://127.0.0.1:${upstream.server.address().port}/v1`;
    return upstream;
  }

  async #handle(request, response) {
    const seen = { method: request.method, url: request.url, headers: request.headers };
    // Whether the other side went away before the answer was complete.
    seen.gone = new Promise((resolve) => {
      response.on('close', () => { if (!response.writableFinished) resolve(true); });
    });
    const chunks = [];
    try {
      for await (const piece of request) chunks.push(piece);
    } catch {
      return;
    }
    seen.text = Buffer.concat(chunks).toString();
    try {
      seen.body = JSON.parse(seen.text);
    } catch { /* recorded as it is */ }
    this.requests.push(seen);
    (this.next.shift() ?? this.always)(seen, response, request.socket);
  }

  reset() {
    this.requests = [];
    this.next = [];
    this.always = replies.stream(['Hello', ' there']);
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
