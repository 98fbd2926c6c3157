// The CGI variables of a request, filled as each web server fills them.

const SERVERS = {
  // fastcgi.server = ("/mount" => ...) with fix-root-scriptname
  lighttpd: ({ mount, path }) => ({ SCRIPT_NAME: mount, PATH_INFO: path }),
  // include fastcgi_params
  nginx: ({ mount, path }) => ({ SCRIPT_NAME: mount + path, DOCUMENT_URI: mount + path }),
  // mod_fcgid or mod_proxy_fcgi with a ScriptAlias at the mount
  apache: ({ mount, path }) => ({ SCRIPT_NAME: mount, PATH_INFO: path, PATH_TRANSLATED: `/srv${path}` }),
};

function decode(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `path` is as written in the request line; CGI has it decoded in SCRIPT_NAME and PATH_INFO. */
export function cgiParams({
  method = 'GET', path = '/', query = '', headers = {}, length, https = false, remoteAddr = '127.0.0.1',
  host = 'chat.example.org', mount = '', server = 'lighttpd', extra = {},
} = {}) {
  const params = {
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: server,
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_NAME: host.replace(/:\d+$/, ''),
    SERVER_PORT: /:(\d+)$/.exec(host)?.[1] ?? (https ? '443' : '80'),
    REQUEST_METHOD: method,
    REQUEST_URI: mount + path + (query && `?${query}`),
    QUERY_STRING: query,
    REMOTE_ADDR: remoteAddr,
    REMOTE_PORT: '40000',
    REQUEST_SCHEME: https ? 'https' : 'http',
    HTTP_HOST: host,
    ...SERVERS[server]({ mount, path: decode(path) }),
  };
  if (https) params.HTTPS = 'on';
  if (length !== undefined) params.CONTENT_LENGTH = String(length);
  for (const [name, value] of Object.entries(headers)) {
    const variable = name.toUpperCase().replace(/-/g, '_');
    params[variable === 'CONTENT_TYPE' ? variable : `HTTP_${variable}`] = value;
  }
  return { ...params, ...extra };
}
