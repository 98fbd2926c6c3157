// Every way of serving that doc/servers describes, each with real servers on loopback.
//
// A starter: { name, title, what, start }.
//   name    its id
//   title   for the table in README
//   what    the facts in which servers differ:
//     reloads      the web server can read its configuration again without a failed request
//     graceful     the application can be restarted without a failed request
//     supervised   who starts it again when it was killed: 'web server', 'systemd' or null
//     bodyOver     the status of a request body over the limit, as the web server or the application answers it
//     chunked      the status of a request with a chunked body: 200, or the refusal
//     stops        when a vanished reader is noticed: 'at once', or at the next 'write'
//     gateway      whether it serves the gateway's streams piece by piece
//     staticBy     who serves /assets/: 'web server' or 'behest-fcgi'
//   start({ mount, env, gatewayEnv, threads })
//     mount '' (own host names, the default) or '/chat' (one host name, with the gateway at /gateway); env and gatewayEnv go over the
//     settings of behest-fcgi and behest-gateway, undefined removes one; threads is behest-fcgi's --threads. Answers the site:
//
//   name, folder, mount, database (path), apiKey (GATEWAY_API_KEY)
//   origin, chat (origin and mount), gateway (URL; null when what.gateway is false)
//   connect, port, httpPort (leads to HTTPS)   where to connect to for any of the host names
//   ca (PEM text), spki (for Chromium's --ignore-certificate-errors-spki-list)
//   reload()       the web server reads its configuration again, resolved when it has
//   restartApp()   behest-fcgi is restarted as this set-up does it, resolved when the new one serves
//   killApp()      SIGKILL to all of its processes
//   appPids(), gatewayPids(), log() (all logs as text), stop()
import apacheFcgid from './apache-fcgid.mjs';
import apacheProxyFcgi from './apache-proxy-fcgi.mjs';
import caddy from './caddy.mjs';
import h2o from './h2o.mjs';
import lighttpdBinPath from './lighttpd-bin-path.mjs';
import lighttpdExternal from './lighttpd-external.mjs';
import nginxSpawnFcgi from './nginx-spawn-fcgi.mjs';
import nginxSystemd from './nginx-systemd.mjs';
import sharedHosting from './shared-hosting.mjs';

export const servers = [
  apacheFcgid, apacheProxyFcgi, sharedHosting, lighttpdBinPath, lighttpdExternal, nginxSpawnFcgi, nginxSystemd, caddy, h2o,
];
