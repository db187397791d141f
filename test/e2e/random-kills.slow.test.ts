/**
 * Kills -9 at random steps of any process, many: a hundred here, and the thousand of a release by
 *
 *     KILLS=1000 npm run test:slow -- test/e2e/random-kills.slow.test.ts
 *
 * KILL_SEED repeats what was drawn; what the steps of three processes make of it also depends on time.
 */
import { describe, test } from 'vitest';
import { KillCluster } from '../support/kill-cluster.ts';

const KILLS = Number(process.env['KILLS'] ?? '100');
const SEED = process.env['KILL_SEED'] ?? String(Date.now());
/** In one life of a cluster: ledgers and logs grow and are verified in full. */
const AT_ONCE = 50;

describe(`${KILLS} random kills, seed ${SEED}`, () => {
  for (let from = 0; from < KILLS; from += AT_ONCE) {
    test(`from ${from} on`, async () => {
      const cluster = new KillCluster(`${SEED}/${from}`);
      try {
        await cluster.open();
        await cluster.until(Math.min(AT_ONCE, KILLS - from));
        await cluster.verify();
      } finally {
        process.stderr.write(`random kills: ${cluster.summary}\n`);
        await cluster.close();
      }
    }, 900_000);
  }
});
