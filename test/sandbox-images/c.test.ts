/**
 * The C header and the example that uses all of it, compiled here by clang and run behind the walls: equal to the same
 * thing computed from the rows. Where there is no clang with a WebAssembly linker the test is skipped, and says so.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { writeTable } from '../../src/image/abi.ts';
import { readDeclaration, readLayout, writeLayout } from '../../src/image/layout.ts';
import { answersOf } from '../support/image-lab.ts';
import { scratch } from '../support/scratch.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ANALYSIS = path.join(ROOT, 'sandbox-images/analysis');
const hasClang = ['clang', 'wasm-ld'].every(
  (command) => spawnSync(command, ['--version']).status === 0,
);

/** As the head of the source says. */
function compiled(): Uint8Array {
  const out = path.join(scratch(), 'last-visit.wasm');
  const { status, stderr } = spawnSync(
    'clang',
    [
      ...['--target=wasm32', '-nostdlib', '-O2', '-Wall', '-Wextra', '-Werror'],
      ...['-Wl,--no-entry', '-Wl,--strip-all', '-Wl,--max-memory=1048576', '-I', ANALYSIS],
      ...['-o', out, path.join(ANALYSIS, 'c/last-visit.c')],
    ],
    { encoding: 'utf8' },
  );
  deepStrictEqual([status, stderr], [0, '']);
  return new Uint8Array(readFileSync(out));
}

type Row = {
  readonly person: number;
  readonly sex: number | null;
  readonly visit: number | null;
  readonly value: number | null;
  readonly age: number | null;
};

/** 40 people with up to four rows each; every third value, every seventh age, every eleventh sex is not there. */
const ROWS: readonly Row[] = Array.from({ length: 40 }, (_, person) =>
  Array.from({ length: 1 + (person % 4) }, (__, i) => {
    const n = 7 * person + i;
    return {
      person,
      sex: n % 11 === 0 ? null : person % 2,
      visit: n % 13 === 0 ? null : 18_000 + ((n * 37) % 500),
      value: n % 3 === 0 ? null : 5 + (n % 40) / 10,
      age: n % 7 === 0 ? null : 30 + (n % 50),
    };
  }),
).flat();

function tableOf(rows: readonly Row[]): Uint8Array {
  const piece = (name: 'sex' | 'visit' | 'value' | 'age') => ({
    from: 0,
    to: rows.length,
    isValid: (row: number) => rows[row]?.[name] !== null,
  });
  const numbers = (name: 'sex' | 'visit' | 'value' | 'age') => rows.map((row) => row[name] ?? 0);
  const starts = rows.flatMap(({ person }, r) => (rows[r - 1]?.person === person ? [] : [r]));
  return writeTable(
    ['category', 'date32', 'float64', 'int64'],
    [
      [{ values: Int32Array.from(numbers('sex')), ...piece('sex') }],
      [{ values: Int32Array.from(numbers('visit')), ...piece('visit') }],
      [{ values: Float64Array.from(numbers('value')), ...piece('value') }],
      [{ values: BigInt64Array.from(numbers('age'), BigInt), ...piece('age') }],
    ],
    rows.length,
    starts,
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function expected(rows: readonly Row[]): bigint[] {
  const women = rows.filter(({ sex }) => sex === 0);
  const last = [...new Set(women.map(({ person }) => person))].flatMap((person) => {
    const own = women.filter((row) => row.person === person && row.value !== null);
    const dated = own.filter(({ visit }) => visit !== null);
    return dated.sort((a, b) => (b.visit ?? 0) - (a.visit ?? 0)).slice(0, 1);
  });
  const ages = last.flatMap(({ age }) => (age === null ? [] : [age]));
  const missing = women.filter(({ value }) => value === null).length;
  return [
    10 * mean(last.map(({ value }) => value ?? 0)),
    (1000 * missing) / women.length,
    10 * mean(ages),
  ].map((value) => BigInt(Math.floor(value + 0.5)));
}

test.skipIf(!hasClang)(
  'a program in C answers what its rows say (needs clang and wasm-ld)',
  async () => {
    const json = JSON.parse(
      readFileSync(path.join(ANALYSIS, 'c/last-visit.json'), 'utf8'),
    ) as never;
    const declaration = readDeclaration(json);
    const { wasm } = readLayout(writeLayout(declaration, compiled()));
    const fields = declaration.fields.map((field) => ({
      min: BigInt(field.min),
      max: BigInt(field.max),
      default: BigInt(field.default),
    }));
    const half = ROWS.filter(({ person }) => person < 20);
    const answers = await answersOf(wasm, [tableOf(ROWS), tableOf(half), tableOf([])], {
      fields,
      fuel: declaration.fuel,
    });
    deepStrictEqual(answers, [expected(ROWS), expected(half), [70n, 0n, 500n]]);
  },
);
