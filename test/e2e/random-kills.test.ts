/**
 * Kills -9 at random steps of any process, in one life of a cluster. A start costs a second of processor:
 * here are as many as fit, a hundred and the way to a thousand are in random-kills.slow.test.ts.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { KillCluster } from '../support/kill-cluster.ts';
import { sentTwice } from '../support/wiretap.ts';

const KILLS = 15;
const SEED = process.env['KILL_SEED'] ?? String(Date.now());

test('random kills: one charge, one share and one noise for each run', async () => {
  const cluster = new KillCluster(SEED);
  process.stderr.write(`random kills: seed ${SEED}\n`);
  try {
    await cluster.open();
    await cluster.until(KILLS);
    await cluster.verify();
  } finally {
    process.stderr.write(`random kills: ${cluster.summary}\n`);
    await cluster.close();
  }
}, 900_000);

test('control: a second share under one name is seen', () => {
  const one = { name: 'run lu * share', kind: 'share', digest: 'a' };
  deepStrictEqual(sentTwice([one, one]), []);
  deepStrictEqual(sentTwice([one, { ...one, digest: 'b' }]), [one.name]);
});
