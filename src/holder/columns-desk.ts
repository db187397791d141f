/**
 * What a holder's staff does with encrypted columns: upload those of a loaded cohort, list them,
 * delete them. One at a time: an upload goes on where an interrupted one was.
 * @module
 */
import { rm } from 'node:fs/promises';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { toHex } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { SigningKey } from '../base/sign.ts';
import { encryptStored } from '../engine/columns/encrypt-stored.ts';
import { ColumnSpool } from '../engine/columns/spool.ts';
import { StoredRows } from '../engine/columns/stored-rows.ts';
import { cohortFile } from '../engine/duckdb/cohort.ts';
import type { KeptTable } from '../engine/stores/holder-columns.ts';
import { type Layout, layoutOf } from '../flows/columns/layout.ts';
import { NO_LIST } from '../flows/columns/list-shape.ts';
import type { SandboxColumns } from '../flows/columns/sandbox-columns.ts';
import { eraseColumns, uploadColumns } from '../flows/encrypted-columns.ts';
import type { Clock } from '../flows/ports.ts';
import { termsOf } from '../flows/study-terms.ts';
import { blocksFor } from '../he/seal/parameters.ts';
import { physicalColumns } from '../he/seal/schema.ts';
import type { ColumnsOffice } from './columns-office.ts';
import type { HolderConfiguration } from './configuration.ts';
import type { Studies } from './studies.ts';

export type ColumnsDeskOptions = {
  readonly configuration: HolderConfiguration;
  readonly directories: { readonly cohorts: string; readonly tmp: string };
  readonly key: SigningKey;
  readonly office: ColumnsOffice;
  /** The version of the rows of a study. */
  readonly booked: (study: Digest) => Promise<Digest | undefined>;
  readonly studies: Studies;
  readonly sandbox: SandboxColumns;
  readonly clock: Clock;
};

export type UploadOptions = {
  /** The public list of columns; without it every column of the study. */
  readonly list?: Json | undefined;
  /** Deletes the loaded rows once the sandbox has everything. */
  readonly forgetRows?: boolean | undefined;
};

type Answer = Record<string, unknown>;

export class ColumnsDesk {
  readonly #options: ColumnsDeskOptions;
  #busy = false;

  constructor(options: ColumnsDeskOptions) {
    this.#options = options;
  }

  async upload(id: Digest, { list, forgetRows = false }: UploadOptions): Promise<Answer> {
    const { studies, office, sandbox } = this.#options;
    const begun = await studies.open(id);
    const terms = termsOf(begun);
    return this.#alone(async () => {
      const before = await office.tables.live(id);
      const asked = list ?? before?.list ?? NO_LIST;
      const layout = layoutOf(terms, asked);
      const rows = await this.#rows(id, layout);
      try {
        const table = await this.#table(id, asked, rows, before);
        const key = await office.keys.load(table.table);
        using _secret = key.secret;
        using _check = key.check;
        const seal = await office.seal();
        const spool = new ColumnSpool({
          table: table.table,
          records: office.tables,
          blobs: office.blobs,
          rng: office.rng,
          encrypt: () => encryptStored(seal, key, layout.schema, rows),
        });
        await uploadColumns(table, key.relinearisation, spool, sandbox, this.#holder);
        await office.tables.setState(table.table, 'ready');
        const same = (await studies.any(id)).basis === begun.basis;
        if (!same) await office.tables.setState(table.table, 'retired');
        check(same, 'STUDY_AMENDED', 'amended while columns were sent: delete and send them again');
      } finally {
        rows.close();
      }
      if (forgetRows) await this.#forgetRows(id);
      return {
        ...(await this.#answer(await office.tables.live(id))),
        people: rows.rows,
        rows: !forgetRows,
      };
    });
  }

  async list(): Promise<Answer> {
    const { tables } = this.#options.office;
    const kept = await tables.tables();
    return { tables: await Promise.all(kept.map((table) => this.#answer(table))) };
  }

  /** Destroys the key, has the sandbox delete, and answers with the signed statement. */
  async erase(id: Digest): Promise<Answer> {
    const { office, sandbox, clock } = this.#options;
    return this.#alone(async () => {
      const table = await office.tables.live(id);
      check(table !== undefined, 'NOT_FOUND', 'no encrypted columns of this study');
      // From here on no run is answered from it, also where this is interrupted.
      await office.tables.setState(table.table, 'retired');
      for (const { blob } of await office.tables.batches(table.table)) {
        if (blob !== null) await office.blobs.delete(blob);
      }
      const destroy = (): Promise<void> => office.keys.destroy(table.table);
      const signer = { ...this.#holder, clock };
      const statement = await eraseColumns(table, destroy, sandbox, signer);
      await office.tables.setState(table.table, 'erased');
      return { ...statement };
    });
  }

  get #holder() {
    return { name: this.#options.configuration.name, key: this.#options.key };
  }

  /** The table of an upload that goes on, or a new one. */
  async #table(
    study: Digest,
    list: Json,
    { rows, epoch }: StoredRows,
    before: KeptTable | undefined,
  ): Promise<KeptTable> {
    const { office } = this.#options;
    if (before !== undefined) {
      check(before.state === 'uploading', 'CONFLICT', 'delete the encrypted columns first');
      const same = canonicalJson(before.list) === canonicalJson(list) && before.epoch === epoch;
      check(same, 'CONFLICT', 'the upload that was begun is of another list or cohort');
      return before;
    }
    const { cohort } = await this.#options.studies.open(study);
    const declared = cohort.declaredSize[this.#holder.name] ?? 0;
    check(rows <= declared, 'PAYLOAD_TOO_LARGE', `${rows} people, ${declared} declared`);
    const table = toHex(office.rng(32));
    await office.keys.create(table);
    const made = { table, study, blocks: blocksFor(rows), list };
    await office.tables.keep(made, epoch);
    return { ...made, epoch, state: 'uploading' };
  }

  async #rows(study: Digest, layout: Layout): Promise<StoredRows> {
    const { directories, configuration, booked } = this.#options;
    const loaded = await booked(study);
    check(loaded !== undefined, 'COHORT_MISSING', study);
    const { threads, memoryLimit } = configuration;
    const rows = await StoredRows.open(
      {
        file: cohortFile(directories.cohorts, study),
        tmpDirectory: directories.tmp,
        threads,
        memoryLimit,
      },
      layout,
    );
    if (rows.epoch === loaded) return rows;
    rows.close();
    check(false, 'DATA_DIRECTORY_DAMAGED', 'cohort epoch');
  }

  async #forgetRows(study: Digest): Promise<void> {
    const file = cohortFile(this.#options.directories.cohorts, study);
    await rm(file, { force: true });
    await rm(`${file}.wal`, { force: true });
  }

  async #answer(table: KeptTable | undefined): Promise<Answer> {
    if (table === undefined) return {};
    const { study, blocks, state, list } = table;
    const layout = layoutOf(termsOf(await this.#options.studies.any(study)), list);
    const columns = physicalColumns(layout.schema).length;
    const left = (await this.#options.office.tables.batches(table.table)).filter(
      ({ blob }) => blob !== null,
    ).length;
    return { table: table.table, study, state, blocks, columns, batchesToSend: left, list };
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    check(!this.#busy, 'CONFLICT', 'encrypted columns are being changed');
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }
}
