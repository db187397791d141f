/** A holder on PostgreSQL that is killed while it holds its schema; every other step is in kill-postgres.slow.test.ts. */
import { describe, test } from 'vitest';
import { DatabaseInstitutions } from '../support/database-institutions.ts';
import { dieAt } from '../support/die-at.ts';
import { hasPostgres } from '../support/postgres.ts';

describe.skipIf(!hasPostgres)('stores in PostgreSQL', () => {
  test(
    'a holder killed after ledger/reserve goes on with one charge',
    () => dieAt('ledger/reserve', new DatabaseInstitutions()),
    120_000,
  );
});
