// What a browser asks before the page may send a message, and how gateways answer that.
import { answers } from './scripted-behest.mjs';

/** The headers of the page's chat request that need permission, as browsers list them. */
export const PAGE_HEADERS = 'authorization,content-type,x-session-id,x-thread-id';

/** A behaviour for ScriptedBehest: preflights are answered with these headers, the rest by `rest`. */
export function preflight({ origin, status = 204, headers = {}, rest = answers.token() } = {}) {
  return (seen, response, socket) => {
    if (seen.method !== 'OPTIONS') return rest(seen, response, socket);
    response.writeHead(status, {
      ...(origin !== undefined && { 'access-control-allow-origin': origin }),
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': PAGE_HEADERS.replaceAll(',', ', '),
      ...headers,
    });
    return response.end();
  };
}

/** Every cause that an answer can have: the verdict, the behaviour, and words of the message, for a page of `origin`. */
export function causes(origin) {
  const other = new URL(origin);
  const [scheme] = origin.split(':');
  return [
    ['allowed', preflight({ origin }), /lets pages of .* in$/],
    ['allowed', preflight({ origin: '*' }), /lets pages/],
    ['noAllowOrigin', preflight(), /sends no Access-Control-Allow-Origin/],
    ['otherOrigin', preflight({ origin: `${scheme === 'https' ? 'http' : 'https'}://${other.host}` }), /the scheme differs/],
    ['otherOrigin', preflight({ origin: `${scheme}://other.example.org${other.port && `:${other.port}`}` }), /the host name differs/],
    ['otherOrigin', preflight({ origin: `${scheme}://${other.hostname}:8443` }), /the port differs/],
    ['otherOrigin', preflight({ origin: `${origin}/` }), /a slash at the end differs/],
    ['severalOrigins', preflight({ origin: [origin, origin] }), /several values/],
    ['headerRefused', preflight({ origin, headers: { 'access-control-allow-headers': 'authorization, content-type' } }),
      /x-session-id, x-thread-id/],
    ['headerRefused', preflight({ origin, headers: { 'access-control-allow-headers': '*' } }), /authorization/],
    ['methodRefused', preflight({ origin, headers: { 'access-control-allow-methods': 'GET POST' } }), /"GET POST"/],
    ['redirect', preflight({ status: 301, headers: { location: 'https://elsewhere.example.org/v1' } }),
      /redirects to https:\/\/elsewhere\.example\.org\/v1/],
    ['status', preflight({ origin, status: 404 }), /status 404/],
    ['status', preflight({ status: 503 }), /status 503/],
    ['broken', (_, response, socket) => socket.destroy(), /broke/],
  ];
}
