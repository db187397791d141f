/**
 * Forward-only schema changes, each applied once, in the order given, and remembered by name and
 * digest. A store that knows a migration which this version does not was written by a newer one;
 * a migration whose text changed after it was applied was edited. Both are refused: guessing
 * about a ledger is worse than stopping.
 * @module
 */
import { utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';

/**
 * `sql` is a script of the schema language as SQLite speaks it, constant text; PostgreSQL is given the
 * same by engine/postgres/schema-text.ts. Never edit one that was released.
 */
export type Migration = {
  readonly name: string;
  readonly sql: string;
  /** Tables made by it whose rows are read in the order in which they were written: `rowid`. */
  readonly ordered?: readonly string[];
};

export type Recorded = { readonly name: string; readonly digest: Digest };

export const migrationDigest = ({ sql }: Migration): Digest => sha256Hex(utf8(sql));

/** Those of `migrations` that a store lacks which has applied `recorded`. */
export function pendingMigrations(
  migrations: readonly Migration[],
  recorded: readonly Recorded[],
): readonly Migration[] {
  const names = new Set(migrations.map(({ name }) => name));
  check(names.size === migrations.length, 'INVALID_PARAMETER', 'two migrations of one name');
  for (const { name } of recorded) {
    check(names.has(name), 'DATA_DIRECTORY_DAMAGED', `unknown migration ${name}`);
  }
  const applied = new Map(recorded.map(({ name, digest }) => [name, digest]));
  return migrations.filter((migration) => {
    const before = applied.get(migration.name);
    const same = before === undefined || before === migrationDigest(migration);
    check(same, 'DATA_DIRECTORY_DAMAGED', `edited ${migration.name}`);
    return before === undefined;
  });
}
