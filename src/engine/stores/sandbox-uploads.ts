/** Uploads at the sandbox (flows/sandboxed-run.ts): which there were, and their ends. Public facts only; no key, no row. @module */
import { canonicalJson, parseStrict } from '../../base/canonical-json.ts';
import type { Digest } from '../../base/hash.ts';
import type { SignedErasure } from '../../audit/erasure.ts';
import { FINAL } from './sandbox-runs.ts';
import type { SandboxStore } from './sandbox-store.ts';
import type { Statements } from './store.ts';

export type StoredUpload = {
  readonly upload: Digest;
  readonly study: Digest;
  readonly run: Digest;
  readonly holder: string;
  readonly block: number;
  readonly image: Digest;
  /** Sealed chunks: of the whole upload, and once it is destroyed those that were deleted. */
  readonly chunks: number;
  /** Padded. */
  readonly bytes: number;
  readonly expires: Date;
  /** Its key is gone. */
  readonly destroyed: boolean;
};

type RunStatement = { readonly run: Digest; readonly signed: SignedErasure };

/** Of one sweep; the others have the next one. */
const MOST_RUNS = 256;

export class SandboxUploads {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  async add({ upload, block, chunks, bytes, expires, ...row }: Omit<StoredUpload, 'destroyed'>) {
    const values = { id: upload, ...row, block, chunks, bytes, expires: expires.getTime() };
    await this.#store.run(
      this.#store.db.insertInto('upload').values({ ...values, destroyed: null }),
    );
  }

  /** Of a study or a run, in the order of ids. */
  async of(where: { readonly study: Digest } | { readonly run: Digest }): Promise<StoredUpload[]> {
    const [column, value] =
      'study' in where ? (['study', where.study] as const) : (['run', where.run] as const);
    const rows = await this.#store.all(
      this.#store.db.selectFrom('upload').selectAll().where(column, '=', value).orderBy('id'),
    );
    return rows.map(({ id, block, chunks, bytes, expires, destroyed, ...row }) => ({
      ...row,
      upload: id,
      block: Number(block),
      chunks: Number(chunks),
      bytes: Number(bytes),
      expires: new Date(Number(expires)),
      destroyed: destroyed !== null,
    }));
  }

  /** `deleted`: how many sealed chunks went with the key. */
  async destroy(upload: Digest, at: Date, deleted: number): Promise<void> {
    await this.#store.run(
      this.#store.db
        .updateTable('upload')
        .set({ destroyed: at.getTime(), chunks: deleted })
        .where('id', '=', upload)
        .where('destroyed', 'is', null),
    );
  }

  /** Those whose time is over and whose process did not say so: it is gone, and the key with it. */
  async expired(now: Date): Promise<Digest[]> {
    const rows = await this.#store.all(
      this.#store.db
        .selectFrom('upload')
        .select('id')
        .where('destroyed', 'is', null)
        .where('expires', '<', BigInt(now.getTime())),
    );
    return rows.map(({ id }) => id);
  }

  /** Runs that have ended, with every upload of theirs destroyed, and no statement yet. */
  async ended(): Promise<readonly { readonly run: Digest; readonly study: Digest }[]> {
    const { db } = this.#store;
    return this.#store.all(
      db
        .selectFrom('upload')
        .innerJoin('run', 'run.id', 'upload.run')
        .select(['upload.run as run', 'upload.study as study'])
        .distinct()
        .where('run.state', 'in', FINAL)
        .where('upload.run', 'not in', db.selectFrom('upload_statement').select('run'))
        .where(
          'upload.run',
          'not in',
          db.selectFrom('upload').select('run').where('destroyed', 'is', null),
        )
        .limit(MOST_RUNS),
    );
  }

  /** Within the transaction that enters it in the log; false where there is one. */
  async state(tx: Statements, study: Digest, run: Digest, signed: SignedErasure): Promise<boolean> {
    const { db } = this.#store;
    const known = db.selectFrom('upload_statement').select('run').where('run', '=', run);
    if ((await tx.first(known)) !== undefined) return false;
    const row = { run, study, statement: canonicalJson(signed) };
    await tx.run(db.insertInto('upload_statement').values(row));
    return true;
  }

  async statements(study: Digest): Promise<RunStatement[]> {
    const rows = await this.#store.all(
      this.#store.db
        .selectFrom('upload_statement')
        .select(['run', 'statement'])
        .where('study', '=', study)
        .orderBy('run'),
    );
    return rows.map(({ run, statement }) => ({
      run,
      signed: parseStrict(statement) as unknown as SignedErasure,
    }));
  }
}
