// Restarts and crashes under load. These come last, for what they leave.
import assert from 'node:assert/strict';
import { sql } from '../../lib/app.mjs';
import { eventually } from '../../lib/program.mjs';
import { Load } from '../lib/load.mjs';
import { METHODS, Visitor } from '../lib/visitor.mjs';

/** So many answers between one restart and the next. */
const BETWEEN = 300;

function checkDatabase(site) {
  assert.deepEqual(sql(site.database, 'PRAGMA integrity_check').map((row) => row.integrity_check), ['ok']);
  assert.deepEqual(sql(site.database, 'PRAGMA foreign_key_check'), []);
  const halves = 'SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM user_emails) OR id NOT IN (SELECT user_id FROM passwords)';
  assert.deepEqual(sql(site.database, halves), []);
}

/** Whether a page of the site gets an answer. */
async function serves(site) {
  const answer = await new Visitor(site).request('POST', `${METHODS}_system.session.init`, {
    headers: { 'content-type': 'application/json' }, body: '{"args":{}}' }).catch(() => null);
  return answer?.status === 200;
}

async function restartUnderLoad(site, restart, options) {
  const load = await Load.start(site, options);
  try {
    for (let i = 0; i < 2; i++) {
      await restart();
      await load.more(BETWEEN);
    }
  } finally {
    await load.stop();
  }
  return load;
}

export const restarts = {
  async 'the web server reads its configuration again under load'({ site, t, what, see }) {
    const person = await new Visitor(site).join();
    const load = await restartUnderLoad(site, () => site.reload(), { keepAlive: false });
    t.diagnostic(`${load.answered} answered, ${load.failures.length} failed`);
    // Where a failure is possible it does not happen every time.
    if (what.reloads) assert.deepEqual(load.failures, []);
    assert.equal(await person.recognized(), person.id);
    checkDatabase(site);
    see('reload', what.reloads ? 'yes' : 'no');
  },

  async 'the application is restarted under load'({ site, t, what, see }) {
    const person = await new Visitor(site).join();
    const before = new Set(site.appPids());
    const load = await restartUnderLoad(site, () => site.restartApp());
    t.diagnostic(`${load.answered} answered, ${load.failures.length} failed`);
    if (what.graceful) assert.deepEqual(load.failures, []);
    else assert.notEqual(load.failures.length, 0, 'no request failed: its facts are out of date');
    assert.deepEqual(site.appPids().filter((pid) => before.has(pid)), [], 'these are new processes');
    assert.equal(await person.recognized(), person.id);
    checkDatabase(site);
    see('restart', what.graceful ? 'yes' : 'no');
  },

  async 'the application is killed with -9 under load'({ site, t, what, see }) {
    const person = await new Visitor(site).join();
    const load = await Load.start(site);
    try {
      for (let i = 0; i < 2; i++) {
        const before = site.appPids();
        assert.notEqual(before.length, 0);
        site.killApp();
        if (!what.supervised) {
          await eventually(async () => site.appPids().length === 0 && !(await serves(site)), 'the application is still there');
          await site.restartApp();
        }
        await eventually(() => serves(site), 'the service did not come back', 30_000);
        assert.deepEqual(site.appPids().filter((pid) => before.includes(pid)), []);
        await load.more(BETWEEN);
      }
    } finally {
      await load.stop();
    }
    t.diagnostic(`${load.answered} answered, ${load.failures.length} failed`);
    assert.equal(await person.recognized(), person.id);
    await person.call('_system.user.updateProfile', { firstName: 'still here' });
    checkDatabase(site);
    see('killed', what.supervised ? `by ${what.supervised}` : 'no');
  },

  async 'a sign-up that kill -9 hits is there as a whole or not at all'({ site, what }) {
    const people = Array.from({ length: 8 }, () => new Visitor(site));
    const signUps = people.map((person) => person.signUp().then(() => true, () => false));
    site.killApp();
    const done = await Promise.all(signUps);
    if (!what.supervised) await site.restartApp();
    await eventually(() => serves(site), 'the service did not come back', 30_000);
    for (const [i, person] of people.entries()) {
      const { status } = await person.signIn();
      if (done[i]) assert.equal(status, 200, 'who was told that the account is there has it');
      else if (status !== 200) await person.signUp(person.email);
    }
    checkDatabase(site);
  },
};
