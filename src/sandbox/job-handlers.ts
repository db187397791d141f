/**
 * The heavy parts of a run, as pure functions of bytes: the sum of the holders' ciphertexts, and
 * the noised vector from the sum and the shares (flows/pooled/assemble.ts names and orders them);
 * and the blind sums over encrypted columns (flows/columns/blind-sums.ts).
 * @module
 */
import type { Cbor } from '../base/codec.ts';
import type { JobHandlers } from '../engine/jobs/job-task.ts';
import { VECTOR_BATCHES } from '../he/collective/vector-batches.ts';
import type { columnJobs as makeColumnJobs } from '../he/seal/column-jobs.ts';

type ColumnJobs = ReturnType<typeof makeColumnJobs>;
let columnJobs: Promise<ColumnJobs> | undefined;

/** Loaded with the first job over encrypted columns: a worker of pooled aggregates needs no SEAL. */
const columns = async (
  kind: keyof ColumnJobs,
  inputs: readonly Uint8Array[],
  params: Cbor,
): Promise<Uint8Array> => {
  columnJobs ??= import('../he/seal/column-jobs.ts').then((module) => module.columnJobs());
  return (await columnJobs)[kind](inputs, params);
};

export const JOB_HANDLERS: JobHandlers = {
  ...VECTOR_BATCHES,

  'columns-sum': (inputs, params) => columns('columns-sum', inputs, params),
  'columns-combine': (inputs, params) => columns('columns-combine', inputs, params),
};
