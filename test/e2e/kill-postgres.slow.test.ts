/**
 * Kill -9 with every store in PostgreSQL: of a holder after durable steps of a run, and of any process at random steps.
 *
 *     KILLS=1000 npm run test:slow -- test/e2e/kill-postgres.slow.test.ts
 */
import { describe, test } from 'vitest';
import { DatabaseInstitutions } from '../support/database-institutions.ts';
import { dieAt } from '../support/die-at.ts';
import { manyKills } from '../support/many-kills.ts';
import { hasPostgres } from '../support/postgres.ts';

const STEPS = ['run-key', 'ledger/touch', 'contribution', 'share', 'ledger/settle'];

describe.skipIf(!hasPostgres)('stores in PostgreSQL', () => {
  for (const step of STEPS) {
    test(`a holder killed after ${step}`, () => dieAt(step, new DatabaseInstitutions()), 120_000);
  }

  manyKills(() => new DatabaseInstitutions());
});
