import { commands } from './adapt.mjs';
import { startNginx } from './nginx.mjs';
import { isHealthy, launch, paths, prepare, signalAll, site, terminate, pidsOf, webUser } from './site.mjs';
import { eventually } from '../program.mjs';

const FILE = { '': 'nginx.conf', '/chat': 'nginx-path.conf' };

/* The command lines in the file, without those options that only root can use unless root it is. */
function spawnCommands(ground, file) {
  const user = webUser();
  const lines = commands(file, 'spawn-fcgi', {
    ...paths(ground, 'sockets', 'settings', 'programs'),
    '-u behest-fcgi -g behest-fcgi -U behest-fcgi -G www-data': user ? `-u ${user.user} -g ${user.group} -U ${user.user} -G ${user.group}` : '',
  });
  return lines.map((words) => words.filter(Boolean));
}

export default {
  name: 'nginx-spawn-fcgi',
  title: 'nginx, spawn-fcgi',
  what: { reloads: true, graceful: false, supervised: null, bodyOver: 413, chunked: 200, stops: 'at once', gateway: true, staticBy: 'web server' },
  async start(options) {
    const ground = await prepare(this.name, options);
    const file = FILE[ground.mount];
    const lines = spawnCommands(ground, file);
    const startProgram = (name) => launch(ground, name, lines.find((words) => words.some((word) => word.endsWith(name))));
    startProgram('behest-fcgi');
    startProgram('behest-gateway');
    const made = await site(ground, {
      ...startNginx(ground, file),
      async restartApp() {
        await terminate(ground.folder, 'behest-fcgi');
        startProgram('behest-fcgi');
        await eventually(() => isHealthy(made, made.chat), 'the restarted application does not answer');
      },
    });
    return made;
  },
};
