/**
 * The heavy parts of a run, as pure functions of bytes: the sum of the holders' ciphertexts, and
 * the noised vector from the sum and the shares (flows/pooled/assemble.ts names and orders them);
 * and the blind sums over encrypted columns (flows/columns/blind-sums.ts).
 * @module
 */
import type { Cbor } from '../base/codec.ts';
import { check } from '../base/errors.ts';
import type { JobHandlers } from '../engine/jobs/job-task.ts';
import { encodeVector } from '../flows/pooled/vector.ts';
import { combineVector, type Sets, sumVectors } from '../he/collective/vector.ts';
import type { columnJobs as makeColumnJobs } from '../he/seal/column-jobs.ts';
import { parametersOf } from '../he/ring/parameters.ts';

function readParams(params: Cbor): { readonly sets: Sets; readonly slots: number } {
  check(
    typeof params === 'object' && params !== null && 'parameters' in params && 'slots' in params,
    'INVALID_PARAMETER',
    'job parameters',
  );
  const { parameters, slots } = params;
  check(Array.isArray(parameters) && typeof slots === 'number', 'INVALID_PARAMETER', 'slots');
  const sets = (parameters as readonly Cbor[]).map((id) => {
    check(typeof id === 'string', 'INVALID_PARAMETER', 'parameter set');
    return parametersOf(id);
  });
  return { sets, slots };
}

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
  'columns-sum': (inputs, params) => columns('columns-sum', inputs, params),
  'columns-combine': (inputs, params) => columns('columns-combine', inputs, params),

  'rlwe-sum': (inputs, params) => sumVectors(readParams(params).sets, inputs),

  'rlwe-combine': ([sum, ...shares], params) => {
    const { sets, slots } = readParams(params);
    check(sum !== undefined, 'INVALID_PARAMETER', 'no sum');
    return encodeVector(combineVector(sets, sum, shares, slots));
  },
};
