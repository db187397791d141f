/**
 * Encrypted columns in one process: a holder of a pooled lab hands its loaded cohort over, encrypted, to a
 * sandbox in memory that computes with the real jobs. `tamper` is what a sandbox that deviates does.
 */
import path from 'node:path';
import type { Json } from '../../src/base/canonical-json.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { Digest } from '../../src/base/hash.ts';
import { systemRng } from '../../src/base/rng.ts';
import { Vault } from '../../src/base/vault.ts';
import type { Plan } from '../../src/cohort/plan.ts';
import { ColumnKeys } from '../../src/engine/columns/column-keys.ts';
import { decodeColumnStream } from '../../src/engine/columns/column-stream.ts';
import { EncryptedCohort, type ReadyTable } from '../../src/engine/columns/encrypted-cohort.ts';
import { encryptStored, type Seal } from '../../src/engine/columns/encrypt-stored.ts';
import {
  type BatchRecord,
  type BatchRecords,
  ColumnSpool,
} from '../../src/engine/columns/spool.ts';
import { StoredRows } from '../../src/engine/columns/stored-rows.ts';
import { cohortFile } from '../../src/engine/duckdb/cohort.ts';
import { inlineJobs } from '../../src/engine/jobs/inline-jobs.ts';
import { blindSums } from '../../src/flows/columns/blind-sums.ts';
import { layoutOf } from '../../src/flows/columns/layout.ts';
import type { Erased } from '../../src/flows/columns/manifest.ts';
import type { Batch, SandboxColumns } from '../../src/flows/columns/sandbox-columns.ts';
import type { ColumnTable } from '../../src/flows/columns/table.ts';
import { uploadColumns } from '../../src/flows/encrypted-columns.ts';
import { type Study, termsOf } from '../../src/flows/study-terms.ts';
import { BlobCodec } from '../../src/he/seal/blob.ts';
import { columnJobs, splitResults } from '../../src/he/seal/column-jobs.ts';
import { SealSession } from '../../src/he/seal/library.ts';
import { blocksFor } from '../../src/he/seal/parameters.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { MemoryJobResults } from './memory-job-results.ts';
import type { LabHolder } from './pooled-lab.ts';

let opened: Promise<Seal> | undefined;
/** One session for a test file: opening takes 0.4 s. */
export const labSeal = (): Promise<Seal> =>
  (opened ??= SealSession.open().then((session) => ({ session, codec: new BlobCodec(session) })));

const HANDLERS = columnJobs();

type Products = readonly (readonly string[])[];

export class MemorySandboxColumns implements SandboxColumns {
  readonly blobs = new MemoryBlobs();
  readonly #jobs = inlineJobs({
    blobs: this.blobs,
    results: new MemoryJobResults(),
    handlers: HANDLERS,
  });
  readonly #relinearisation = new Map<Digest, Digest>();
  readonly ciphertexts = new Map<string, Digest>();
  /** Everything that was received. */
  readonly received: Uint8Array[] = [];
  /** Throws instead of storing this batch. */
  refuseBatch: number | undefined;
  asked = 0;
  tamper: (
    results: Uint8Array[],
    honest: (products: Products) => Promise<Uint8Array[]>,
  ) => Uint8Array[] | Promise<Uint8Array[]> = (results) => results;

  async open({ table }: ColumnTable, relinearisation: Uint8Array): Promise<void> {
    this.#relinearisation.set(table, await this.blobs.put(relinearisation));
    this.received.push(relinearisation);
  }

  async store({ table }: ColumnTable, { number, bytes }: Batch): Promise<void> {
    if (number === this.refuseBatch) throw new Error('connection lost');
    this.received.push(bytes);
    const whole = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
    };
    for await (const { batch } of decodeColumnStream(whole(), table)) {
      for (const { block, column, blob } of batch.blocks) {
        this.ciphertexts.set(`${table}/${block}/${column}`, await this.blobs.put(blob));
      }
    }
  }

  complete(): Promise<void> {
    return Promise.resolve();
  }

  async sums({ table, blocks }: ColumnTable, products: Products): Promise<Uint8Array[]> {
    this.asked += 1;
    const stored = {
      table,
      blocks,
      relinearisation: this.#relinearisation.get(table) ?? '',
      ciphertext: (block: number, column: string) =>
        this.ciphertexts.get(`${table}/${block}/${column}`),
    };
    const honest = async (asked: Products): Promise<Uint8Array[]> =>
      splitResults(await blindSums(stored, asked, { jobs: this.#jobs, blobs: this.blobs }));
    return this.tamper(await honest(products), honest);
  }

  erase({ table }: ColumnTable): Promise<Erased> {
    const own = [...this.ciphertexts.keys()].filter((key) => key.startsWith(`${table}/`));
    for (const key of own) this.ciphertexts.delete(key);
    return Promise.resolve({ ciphertexts: own.length, bytes: 0 });
  }
}

export class MemoryBatchRecords implements BatchRecords {
  readonly #records = new Map<string, BatchRecord[]>();

  async batches(table: Digest): Promise<BatchRecord[]> {
    return [...(this.#records.get(table) ?? [])];
  }

  async keepBatch(table: Digest, record: BatchRecord): Promise<void> {
    this.#records.set(table, [...(this.#records.get(table) ?? []), record]);
  }

  async arrived(table: Digest, number: number): Promise<void> {
    const after = (this.#records.get(table) ?? []).map((one) =>
      one.number === number ? { ...one, blob: null } : one,
    );
    this.#records.set(table, after);
  }
}

/** The columns of one holder. `upload` may be called again after it failed. */
export class ColumnLab {
  readonly holder: LabHolder;
  readonly study: Study;
  readonly sandbox = new MemorySandboxColumns();
  readonly records = new MemoryBatchRecords();
  readonly blobs = new MemoryBlobs();
  readonly keys: ColumnKeys;
  readonly alarms: Record<string, unknown>[] = [];
  readonly table: Digest = toHex(systemRng(32));
  readonly #list: Json;
  retired = false;
  /** Ciphertexts of a batch. */
  size = 64;

  constructor(study: Study, holder: LabHolder, list?: Json) {
    this.study = study;
    this.holder = holder;
    this.#list = list ?? { format: 'kakehashi/columns/1' };
    this.keys = new ColumnKeys({
      directory: path.join(holder.directory, 'tmp'),
      vault: new Vault(holder.key, systemRng),
      rng: systemRng,
      seal: labSeal,
    });
  }

  async #rows(): Promise<StoredRows> {
    return StoredRows.open(
      {
        file: cohortFile(path.join(this.holder.directory, 'cohorts'), this.study.id),
        tmpDirectory: path.join(this.holder.directory, 'tmp'),
        threads: 1,
        memoryLimit: '1GB',
      },
      layoutOf(termsOf(this.study), this.#list),
    );
  }

  /** Encrypts and sends; then the holder's rows are asked no more. */
  async upload(): Promise<ReadyTable> {
    const layout = layoutOf(termsOf(this.study), this.#list);
    const rows = await this.#rows();
    const table: ReadyTable = {
      table: this.table,
      study: this.study.id,
      blocks: blocksFor(rows.rows),
      list: this.#list,
      epoch: rows.epoch,
      layout,
      retired: false,
    };
    if ((await this.records.batches(this.table)).length === 0) await this.keys.create(this.table);
    const key = await this.keys.load(this.table);
    try {
      const seal = await labSeal();
      const spool = new ColumnSpool({
        table: this.table,
        records: this.records,
        blobs: this.blobs,
        rng: systemRng,
        size: this.size,
        encrypt: () => encryptStored(seal, key, layout.schema, rows),
      });
      await uploadColumns(table, key.relinearisation, spool, this.sandbox, this.holder);
    } finally {
      rows.close();
    }
    return table;
  }

  cohort(
    table: ReadyTable,
    exact?: (plan: Plan, deadline: Date) => Promise<BigInt64Array | undefined>,
  ): EncryptedCohort {
    const alarm = (fields: Record<string, unknown>): void => void this.alarms.push(fields);
    return new EncryptedCohort({
      ready: () => Promise.resolve({ ...table, retired: this.retired }),
      retire: async () => {
        this.retired = true;
      },
      key: ({ table: id }) => this.keys.load(id),
      seal: labSeal,
      sandbox: this.sandbox,
      ...(exact === undefined ? {} : { exact }),
      clock: { now: () => new Date() },
      log: { info: alarm, warn: alarm, error: alarm },
    });
  }
}
