/**
 * The settings a holder was last started with, so that its staff can read the ledger and stop a
 * study while it does not run, whatever was given on its command line. Paths and public keys only.
 * @module
 */
import { canonicalJson, type Json, parseStrict } from '../../base/canonical-json.ts';
import type { StoredInteger } from './integer.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';

export type HolderSettingTables = { setting: { id: StoredInteger; json: string } };

export const HOLDER_SETTING_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-settings/1',
    sql: 'CREATE TABLE setting (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL) STRICT',
  },
];

export class HolderSettings {
  readonly #store: Store<HolderSettingTables>;

  constructor(store: Store<HolderSettingTables>) {
    this.#store = store;
  }

  /** Empty where the holder was never started. */
  async last(): Promise<Record<string, Json>> {
    const row = await this.#store.first(this.#store.db.selectFrom('setting').select('json'));
    return row === undefined ? {} : Object.fromEntries(Object.entries(parseStrict(row.json) ?? {}));
  }

  async keep(settings: object): Promise<void> {
    const json = canonicalJson(settings);
    await this.#store.run(
      this.#store.db
        .insertInto('setting')
        .values({ id: 1, json })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ json })),
    );
  }
}
