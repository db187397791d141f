/** A holder on PostgreSQL that is set back to an earlier dump of its schema, and told so by `ledger recover`. */
import { describe, test } from 'vitest';
import { hasPostgres } from '../support/postgres.ts';
import { everyBackupInTurn, RestorableDatabase } from '../support/restorable.ts';

describe.skipIf(!hasPostgres)('stores in PostgreSQL', () => {
  test(
    'every earlier dump of two runs, restored in turn: no second share or noise, nothing spent less',
    () => everyBackupInTurn(new RestorableDatabase()),
    600_000,
  );
});
