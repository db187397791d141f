/**
 * Kill -9 with every store in PostgreSQL: of a holder after durable steps of a run, and of any process at random steps.
 *
 *     KILLS=1000 npm run test:slow -- test/e2e/kill-postgres.slow.test.ts
 */
import { describe, test } from 'vitest';
import { DatabaseInstitutions } from '../support/database-institutions.ts';
import { dieAt } from '../support/die-at.ts';
import { KillCluster } from '../support/kill-cluster.ts';
import { hasPostgres } from '../support/postgres.ts';

const STEPS = ['run-key', 'ledger/touch', 'contribution', 'share', 'ledger/settle'];
const KILLS = Number(process.env['KILLS'] ?? '30');
const SEED = process.env['KILL_SEED'] ?? String(Date.now());
/** In one life of a cluster: ledgers and logs grow and are verified in full. */
const AT_ONCE = 50;

describe.skipIf(!hasPostgres)('stores in PostgreSQL', () => {
  for (const step of STEPS) {
    test(`a holder killed after ${step}`, () => dieAt(step, new DatabaseInstitutions()), 120_000);
  }

  for (let from = 0; from < KILLS; from += AT_ONCE) {
    test(`random kills from ${from} on, seed ${SEED}`, async () => {
      const cluster = new KillCluster(`${SEED}/${from}`, new DatabaseInstitutions());
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
