/** One SEAL session for a test file, and the steps of a query from rows to sums. */
import { systemRng } from '../../../src/base/rng.ts';
import { BlobCodec } from '../../../src/he/seal/blob.ts';
import { encryptColumns, type Row } from '../../../src/he/seal/encrypt-columns.ts';
import { combine, Evaluation } from '../../../src/he/seal/evaluate.ts';
import { generateHolderKey, type HolderKey } from '../../../src/he/seal/holder-key.ts';
import { SealSession } from '../../../src/he/seal/library.ts';
import { openResult } from '../../../src/he/seal/open-result.ts';
import { blocksFor } from '../../../src/he/seal/parameters.ts';
import { type ColumnPlan, type ColumnQuery, planColumns } from '../../../src/he/seal/plan.ts';
import type { Schema } from '../../../src/he/seal/schema.ts';

/** Block → physical column → payload, as a sandbox stores them. */
export type Store = Map<number, Map<string, Uint8Array>>;

export class Lab {
  readonly session: SealSession;
  readonly codec: BlobCodec;
  readonly key: HolderKey;

  private constructor(session: SealSession) {
    this.session = session;
    this.codec = new BlobCodec(session);
    this.key = generateHolderKey(session, this.codec, systemRng);
  }

  static async open(): Promise<Lab> {
    return new Lab(await SealSession.open());
  }

  upload(schema: Schema, rows: readonly Row[]): Store {
    const store: Store = new Map();
    for (const { block, column, blob } of encryptColumns(
      this.session,
      this.codec,
      this.key,
      schema,
      rows,
    )) {
      const columns = store.get(block) ?? new Map<string, Uint8Array>();
      store.set(block, columns.set(column, blob));
    }
    return store;
  }

  /** Partial results over `blocks`, by the plan. */
  partials(plan: ColumnPlan, store: Store, blocks: readonly number[]): Uint8Array[] {
    using evaluation = new Evaluation(this.session, this.codec, plan);
    for (const block of blocks) evaluation.add(block, store.get(block)!);
    return evaluation.finish(this.key.relinearisation);
  }

  /** What a sandbox that follows the plan returns. */
  evaluate(plan: ColumnPlan, store: Store): Uint8Array[] {
    return this.partials(plan, store, [...store.keys()]).map((partial) =>
      combine(this.session, this.codec, [partial]),
    );
  }

  open(schema: Schema, plan: ColumnPlan, results: readonly Uint8Array[]): bigint[] {
    return openResult(this.session, this.codec, this.key, schema, plan, results);
  }

  /** All of it. */
  ask(schema: Schema, rows: readonly Row[], query: ColumnQuery): bigint[] {
    const plan = planColumns(schema, query, blocksFor(rows.length));
    return this.open(schema, plan, this.evaluate(plan, this.upload(schema, rows)));
  }
}
