// Sites for the checks: each with a scripted model behind its gateway, and with something outside its page that nobody may see.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ScriptedUpstream } from '../../lib/scripted-upstream.mjs';

export const SECRET = 'what nobody may see';

/** Proxies in front of the web server have addresses of this network, where a site is told to trust them. */
export const PROXY_NETWORK = '127.30.0.0/16';

/** Whoever sends it may read /metrics of both programs. */
export const METRICS_TOKEN = 'whoever-has-this-may-read-the-metrics';

/** Many requests and tokens for everybody: the checks are about the way, not about limits. */
const TIERS = '1:100000,1000000,1000000000';

/** Starts a site of a server; answers { site, upstream, stop }. */
export async function startSite(server, { mount = '', env = {} } = {}) {
  const upstream = await ScriptedUpstream.start();
  try {
    const site = await server.start({ mount, env: { CHAT_METRICS_TOKEN: METRICS_TOKEN, ...env }, gatewayEnv: {
      GATEWAY_METRICS_TOKEN: METRICS_TOKEN, GATEWAY_UPSTREAM_URL: upstream.url, GATEWAY_MODEL: 'scripted', GATEWAY_TIERS: TIERS } });
    plant(site.folder);
    return {
      site,
      upstream,
      async stop() {
        await site.stop();
        await upstream.close();
      },
    };
  } catch (error) {
    await upstream.close();
    throw error;
  }
}

/* Beside the page's folder, in one whose name begins like it, and where the settings are. */
function plant(folder) {
  const text = `${SECRET}\n`;
  mkdirSync(path.join(folder, 'www-other'));
  for (const name of ['secret.txt', 'www-other/secret.txt']) writeFileSync(path.join(folder, name), text);
  for (const part of ['etc', 'sbin']) cpSync(path.join(folder, 'secret.txt'), path.join(folder, part, 'not-for-you.txt'));
}
