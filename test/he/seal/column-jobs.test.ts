/** The jobs give what one thread gives, twice the same, and refuse what is not theirs. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import { beforeAll, test } from 'vitest';
import { decodeCbor, encodeCbor } from '../../../src/base/codec.ts';
import { columnJobs, jobParams, splitResults } from '../../../src/he/seal/column-jobs.ts';
import { ROWS_PER_BLOCK } from '../../../src/he/seal/parameters.ts';
import { type ColumnPlan, planColumns } from '../../../src/he/seal/plan.ts';
import type { Schema } from '../../../src/he/seal/schema.ts';
import { refusal } from '../../support/refusal.ts';
import { Lab, type Store } from './session.ts';

const schema: Schema = { on: { type: 'indicator' }, x: { type: 'integer', min: -9, max: 9 } };
const rows = Array.from({ length: ROWS_PER_BLOCK + 7 }, (_, i) => ({
  person: `p${i}`,
  values: { on: i % 2 === 1, x: -9 },
}));
const jobs = columnJobs();

let lab: Lab;
let store: Store;
let plan: ColumnPlan;
beforeAll(async () => {
  lab = await Lab.open();
  store = lab.upload(schema, rows);
  const measures = [{ kind: 'count' }, { kind: 'sum', of: 'x' }] as const;
  plan = planColumns(schema, { filter: 'on', measures }, 2);
});

const inputsOf = (part: readonly number[]): Uint8Array[] => [
  lab.key.relinearisation,
  ...part.flatMap((block) => plan.columns.map((id) => store.get(block)!.get(id)!)),
];
/** As they arrive in a worker: through CBOR. */
const paramsOf = (part: readonly number[]) => decodeCbor(encodeCbor(jobParams(plan, part)));
const sumOf = (part: readonly number[]): Promise<Uint8Array> =>
  jobs['columns-sum'](inputsOf(part), paramsOf(part));

test('two parts, combined, are the plain sums; twice the same bytes', async () => {
  const parts = [await sumOf([1]), await sumOf([0])];
  deepStrictEqual(await sumOf([1]), parts[0]);
  const bytes = await jobs['columns-combine'](parts, paramsOf([]));
  const people = BigInt(Math.floor(rows.length / 2));
  deepStrictEqual(lab.open(schema, plan, splitResults(bytes)), [people, -9n * people]);
});

test('refusals, after which the next job works', async () => {
  const part = paramsOf([0]);
  const bad: [readonly Uint8Array[], Parameters<(typeof jobs)['columns-sum']>[1], string][] = [
    [[], part, 'INVALID_PARAMETER'],
    [inputsOf([0]).slice(1), part, 'INVALID_PARAMETER'],
    [inputsOf([0]), null, 'INVALID_PARAMETER'],
    [inputsOf([0]), { ...(part as object), cells: [['on', 'x', 'x']] }, 'INVALID_PARAMETER'],
    [inputsOf([0]), { ...(part as object), cells: [['y']] }, 'INTERNAL'],
    [inputsOf([0]), { ...(part as object), part: ['0'] }, 'INVALID_PARAMETER'],
    [inputsOf([0]).map((bytes) => bytes.subarray(1)), part, 'MALFORMED_MESSAGE'],
  ];
  for (const [inputs, params, code] of bad) {
    await rejects(jobs['columns-sum'](inputs, params), refusal(code as 'INTERNAL'));
  }
  const short = [new Uint8Array(5)];
  await rejects(jobs['columns-combine'](short, part), refusal('MALFORMED_MESSAGE'));
  deepStrictEqual(await sumOf([0]), await sumOf([0]));
});
