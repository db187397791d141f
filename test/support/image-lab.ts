/** Images run in real processes behind real walls, over tables and cohorts of a test. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runImage } from '../../src/engine/images/image-runs.ts';
import type { Boundary, Images, ImageTable } from '../../src/flows/image-ports.ts';
import type { AnswerBounds } from '../../src/image/abi.ts';
import { writeTable } from '../../src/image/abi.ts';
import { meterModule } from '../../src/image/wasm/meter.ts';
import { parseModule } from '../../src/image/wasm/module.ts';

export const RUNNER = path.resolve(fileURLToPath(import.meta.url), '../../../dist/image-runner.js');

export type RunSettings = {
  readonly fuel?: number;
  readonly boundary?: Boundary;
  readonly processes?: number;
  readonly runner?: string;
  readonly fields?: readonly AnswerBounds[];
  readonly signal?: AbortSignal;
};

export const FIELD: AnswerBounds = { min: 0n, max: 100n, default: 50n };

/** A table of one int64 column, everybody with one row. */
export const tableOf = (...values: readonly bigint[]): Uint8Array => {
  const piece = { values: BigInt64Array.from(values), from: 0, to: values.length };
  return writeTable(
    ['int64'],
    [[{ ...piece, isValid: () => true }]],
    values.length,
    values.map((_, i) => i),
  );
};

export async function* listed(
  tables: readonly Uint8Array[],
): AsyncGenerator<ImageTable, undefined> {
  for (const [index, table] of tables.entries()) yield { index, table: table.slice() };
  return undefined;
}

/** The answers of a binary to each table, in order. */
export async function answersOf(
  wasm: Uint8Array,
  tables: readonly Uint8Array[],
  settings: RunSettings = {},
): Promise<bigint[][]> {
  const { fuel = 1_000_000, boundary = 'bubblewrap', runner = RUNNER, fields = [FIELD] } = settings;
  const module = meterModule(parseModule(wasm));
  const program = { module, fuel, fields: fields.length, boundary, runner };
  const answers: bigint[][] = [];
  await runImage(
    listed(tables),
    (index, own) => {
      answers[index] = [...own];
    },
    {
      program,
      fields,
      processes: settings.processes ?? 1,
      signal: settings.signal ?? new AbortController().signal,
    },
  );
  return answers;
}

/** One binary as the images of a cohort. */
export const imagesOf = (wasm: Uint8Array, processes = 1, runner = RUNNER): Images => ({
  prepare: () => Promise.resolve(),
  upload: () => Promise.reject(new Error('an upload')),
  evidence: () => Promise.resolve([]),
  answers: ({ content }, tables, answer, signal) =>
    runImage(tables, answer, {
      program: {
        module: meterModule(parseModule(wasm)),
        fuel: content.fuel,
        fields: content.fields.length,
        boundary: content.boundary,
        runner,
      },
      fields: content.fields,
      processes,
      signal,
    }),
});

/** `value` of the first row of the table, on the stack as i64; the table is at 1024, its values behind it. */
export const FIRST_VALUE: readonly number[] = [
  // i64.load(1024 + i32.load(1024 + 36))
  ...[0x41, 0x80, 0x08, 0x28, 2, 36, 0x41, 0x80, 0x08, 0x6a, 0x29, 3, 0],
];
