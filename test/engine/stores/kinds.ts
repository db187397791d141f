/** The two stores, so that one suite is held against both: storage that outlives what opens it. */
import path from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { openPostgresStore } from '../../../src/engine/postgres/store.ts';
import { openStore } from '../../../src/engine/sqlite/store.ts';
import type { Migration } from '../../../src/engine/stores/migrations.ts';
import type { Store } from '../../../src/engine/stores/store.ts';
import { freshSchema, hasPostgres, POSTGRES_URL } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';

/** A store as another process names it: a file, or a schema. */
export type Place = { readonly kind: 'SQLite' | 'PostgreSQL'; readonly at: string };

export type StoreKind = { readonly kind: Place['kind']; readonly place: () => Place };

export const STORE_KINDS: readonly StoreKind[] = [
  { kind: 'SQLite', place: () => ({ kind: 'SQLite', at: path.join(scratch(), 'store.db') }) },
  { kind: 'PostgreSQL', place: () => ({ kind: 'PostgreSQL', at: freshSchema() }) },
];

export const openAt = <Tables>(
  { kind, at }: Place,
  migrations: readonly Migration[],
): Promise<Store<Tables>> =>
  kind === 'SQLite'
    ? Promise.resolve(openStore<Tables>(at, migrations))
    : openPostgresStore<Tables>({ url: POSTGRES_URL, schema: at, migrations });

/** Closed when the test is over. */
export async function openedAt<Tables>(
  place: Place,
  migrations: readonly Migration[],
): Promise<Store<Tables>> {
  const store = await openAt<Tables>(place, migrations);
  onTestFinished(() => store.close());
  return store;
}

export function onBothStores(suite: (kind: StoreKind) => void): void {
  for (const kind of STORE_KINDS) {
    const there = kind.kind === 'SQLite' || hasPostgres;
    describe.skipIf(!there)(kind.kind, () => suite(kind));
  }
}
