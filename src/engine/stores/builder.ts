/** A kysely that builds queries for a database and cannot execute one: stores do that (store.ts). @module */
import { type DatabaseConnection, type Dialect, type Driver, DummyDriver, Kysely } from 'kysely';
import { Refusal } from '../../base/errors.ts';

class NoDriver extends DummyDriver {
  override acquireConnection(): Promise<DatabaseConnection> {
    return Promise.reject(new Refusal('INTERNAL', 'a query is executed by its store'));
  }
}

export const queryBuilder = <Tables>(dialect: Omit<Dialect, 'createDriver'>): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: (): Driver => new NoDriver(),
    },
  });
