// Runs all checks through one server: over a site at the root of a host and one below a path, and, for what a proxy in front changes,
// over one that trusts some.
import { after, before, describe, test } from 'node:test';
import { servers } from '../../lib/servers/index.mjs';
import { answers, gatewayAnswers } from '../checks/answers.mjs';
import { bodies, questions } from '../checks/bodies.mjs';
import { chromium } from '../checks/chromium.mjs';
import { clients, proxied } from '../checks/clients.mjs';
import { journey } from '../checks/journey.mjs';
import { gatewayMetrics, metrics } from '../checks/metrics.mjs';
import { page } from '../checks/page.mjs';
import { paths } from '../checks/paths.mjs';
import { restarts } from '../checks/restarts.mjs';
import { streams } from '../checks/streams.mjs';
import { Seen } from './seen.mjs';
import { PROXY_NETWORK, startSite } from './sites.mjs';

const BEHIND_A_PROXY = { env: { CHAT_TRUSTED_PROXIES: PROXY_NETWORK, CHAT_SITE_URL: undefined } };

/** [where, what to start there, subjects by name, in the order in which they are checked]... */
function plan({ gateway }) {
  const subjects = { journey, page, answers, bodies, paths, clients, metrics,
    ...(gateway && { gateway: gatewayAnswers, gatewayMetrics, questions, streams }), chromium, restarts };
  return [
    ['at the root', {}, subjects],
    ['at /chat', { mount: '/chat' }, subjects],
    ['behind a trusted proxy', BEHIND_A_PROXY, { proxied }],
  ];
}

/** Runs a check; what servers and programs said meanwhile, as far as it is no request's line, goes with its failure. */
async function withLog(site, check) {
  const lines = () => site.log().split('\n').filter((line) => line && !/ msg=request | HTTP\/1\.[01]" \d{3} /.test(line));
  const before = new Set(lines());
  try {
    await check();
  } catch (error) {
    error.message += `\n${lines().filter((line) => !before.has(line)).slice(-30).join('\n')}`;
    throw error;
  }
}

/**
 * A check is a function of
 *   site, upstream   the site, and the scripted model behind its gateway
 *   server, what     how it is served, and the facts in which servers differ (tests/lib/servers)
 *   mount            '' or '/chat'
 *   see(feature, value)   for the table in README, called when all of the check held
 *   t                node:test's context
 */
export function through(name) {
  const server = servers.find((one) => one.name === name);
  const seen = new Seen();
  for (const [where, options, subjects] of plan(server.what)) {
    describe(`${server.title}, ${where}`, () => {
      let started;
      before(async () => { started = await startSite(server, options); });
      after(() => started?.stop());
      for (const [subject, checks] of Object.entries(subjects))
        for (const [title, check] of Object.entries(checks))
          test(`${subject}: ${title}`, (t) => withLog(started.site, () => check({ ...started, server, what: server.what,
            mount: options.mount ?? '', t, see: (...args) => seen.see(...args) })));
    });
  }
  after(() => seen.write(name));
}
