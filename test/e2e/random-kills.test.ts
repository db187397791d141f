/**
 * Kills -9 at random steps of any process, in one life of a cluster: thirty, which take a minute of processor. A hundred,
 * and the way to a thousand, are in random-kills.slow.test.ts, those with stores in PostgreSQL in kill-postgres.slow.test.ts.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { killAtRandom } from '../support/kill-cluster.ts';
import { sentTwice } from '../support/wiretap.ts';

const KILLS = 30;
const SEED = process.env['KILL_SEED'] ?? String(Date.now());

test('random kills: one charge, one share and one noise for each run', async () => {
  await killAtRandom(SEED, KILLS);
}, 900_000);

test('control: a second share under one name is seen', () => {
  const one = { name: 'run lu * share', kind: 'share', digest: 'a' };
  deepStrictEqual(sentTwice([one, one]), []);
  deepStrictEqual(sentTwice([one, { ...one, digest: 'b' }]), [one.name]);
});
