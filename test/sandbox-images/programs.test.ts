/** The example programs answer what their twins here compute, and are the pinned ones. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'vitest';
import { dayOf } from '../../src/base/calendar.ts';
import { syntheticBiomarker } from '../../src/cohort/synthetic-biomarker.ts';
import { syntheticDiabetes } from '../../src/cohort/synthetic-diabetes.ts';
import { syntheticGait } from '../../src/cohort/synthetic-gait.ts';
import { exampleImage, type ExampleName } from '../../src/cli/example-image.ts';
import { readRecord, recordBytes, writeTable } from '../../src/image/abi.ts';
import type { Declaration } from '../../src/image/declaration.ts';
import { FUEL_EXPORT, meterModule, RESET_EXPORT } from '../../src/image/wasm/meter.ts';
import { parseModule } from '../../src/image/wasm/module.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

type Value = number | null;
type Rows = readonly (readonly Value[])[];

function table({ columns }: Declaration, rows: Rows): Uint8Array {
  const pieces = columns.map(({ type }, c) => {
    const column = rows.map((row) => row[c] ?? 0);
    const values =
      type === 'int64'
        ? BigInt64Array.from(column, BigInt)
        : type === 'float64'
          ? Float64Array.from(column)
          : Int32Array.from(column);
    return [{ values, from: 0, to: rows.length, isValid: (r: number) => rows[r]?.[c] !== null }];
  });
  const types = columns.map(({ type }) => type);
  return writeTable(types, pieces, rows.length, rows.length > 0 ? [0] : []);
}

/** The answers of an example to a table, and the fuel that it took. */
async function example(name: ExampleName) {
  const { declaration, wasm } = await exampleImage(name, ROOT);
  const module = new WebAssembly.Module(meterModule(parseModule(wasm)));
  const { exports } = new WebAssembly.Instance(module);
  const call = (of: string) => exports[of] as (argument: number | bigint) => number;
  const memory = (exports['memory'] as WebAssembly.Memory).buffer;
  const clean = new Uint8Array(memory).slice();
  const fields = declaration.fields.map((field) => ({
    min: BigInt(field.min),
    max: BigInt(field.max),
    default: BigInt(field.default),
  }));
  return (rows: Rows): { answers: number[]; fuel: number } => {
    const bytes = table(declaration, rows);
    new Uint8Array(memory).set(clean);
    call(RESET_EXPORT)(BigInt(declaration.fuel));
    const at = call('reserve')(bytes.length);
    new Uint8Array(memory).set(bytes, at);
    const record = call('run')(at);
    const left = Number((exports[FUEL_EXPORT] as WebAssembly.Global).value);
    const answers = readRecord(new Uint8Array(memory, record, recordBytes(fields.length)), fields);
    ok(answers !== undefined, 'no record');
    return { answers: answers.map(Number), fuel: declaration.fuel - left };
  };
}

const linesOf = (lines: Iterable<string>): string[][] =>
  [...lines]
    .join('')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

const within = (text: string | undefined, low: number, high: number): Value => {
  const value = Number(text);
  return text === '' || text === 'NA' || !(value >= low && value <= high) ? null : value;
};

test('calibration: Newton steps of a logistic regression', async () => {
  const answer = await example('diabetes-calibration');
  const domain = ['none', 'eye', 'kidney', 'nerve', 'foot'];
  const rows = linesOf(syntheticDiabetes({ country: 'JP', people: 400, seed: 'x' })).map(
    ([, , age, year, hba1c, , , complication = '']): Value[] => [
      within(age, 0, 110),
      within(hba1c, 3, 20),
      within(year, 1940, 2030),
      domain.includes(complication) ? domain.indexOf(complication) : null,
    ],
  );
  const complete = rows.filter((row) => !row.includes(null)) as number[][];
  const points = complete.map(([age = 0, hba1c = 0, year = 0, code = 0]) => ({
    x: -1 + 0.02 * (age - 65) + 0.25 * (hba1c - 7) + 0.05 * (2024 - year - 10),
    y: code > 0 ? 1 : 0,
  }));
  let [a, b] = [0, 1];
  for (let step = 0; step < 12; step += 1) {
    let [ga, gb, haa, hab, hbb] = [0, (1 - b) * 0.1, 1e-6, 0, 0.1];
    for (const { x, y } of points) {
      const p = 1 / (1 + Math.exp(-(a + b * x)));
      [ga, gb] = [ga + y - p, gb + (y - p) * x];
      [haa, hab, hbb] = [haa + p * (1 - p), hab + p * (1 - p) * x, hbb + p * (1 - p) * x * x];
    }
    const d = haa * hbb - hab * hab;
    [a, b] = [a + (hbb * ga - hab * gb) / d, b + (haa * gb - hab * ga) / d];
  }
  const expected = points.reduce((sum, { x }) => sum + 1 / (1 + Math.exp(-x)), 0);
  const observed = points.reduce((sum, { y }) => sum + y, 0);
  const { answers, fuel } = answer(rows);
  deepStrictEqual(answers, [
    Math.round(b * 100),
    Math.round(a * 100),
    Math.round((observed / expected) * 100),
  ]);
  // Four hundred people, more than a block of the demonstration has, leave room.
  ok(fuel < 9_000_000, `${fuel}`);
  deepStrictEqual(answer([]).answers, [100, 0, 100]);
});

test('cut-point: the largest log-rank statistic', async () => {
  const answer = await example('biomarker-cutpoint');
  const rows = linesOf(syntheticBiomarker({ country: 'LU', people: 350, seed: 'x' })).map(
    ([, marker, months, died]): number[] => [Number(marker), Number(months), Number(died)],
  );
  const statistic = (cut: number): number => {
    let [difference, variance] = [0, 0];
    for (let month = 0; month <= 120; month += 1) {
      const risk = rows.filter(([, m = 0]) => m >= month);
      const above = risk.filter(([marker = 0]) => marker > cut).length;
      const deaths = risk.filter(([, m, d]) => m === month && d === 1);
      const share = risk.length > 0 ? above / risk.length : 0;
      difference += deaths.filter(([marker = 0]) => marker > cut).length - deaths.length * share;
      if (risk.length > 1) {
        variance +=
          (deaths.length * share * (1 - share) * (risk.length - deaths.length)) / (risk.length - 1);
      }
    }
    return variance > 0 ? difference ** 2 / variance : 0;
  };
  const all = Array.from({ length: 17 }, (_, i) => ({
    cut: 10 + 5 * i,
    value: statistic((10 + 5 * i) / 10),
  }));
  const best = all.reduce((a, b) => (b.value > a.value ? b : a));
  const { answers, fuel } = answer(rows);
  deepStrictEqual(answers, [best.cut, Math.min(600, Math.round(best.value * 10))]);
  ok(fuel < 18_000_000, `${fuel}`);
});

describe('gait', () => {
  test('mean, variability and least squares of every person', async () => {
    const answer = await example('gait-features');
    const byPerson = new Map<string, string[][]>();
    for (const line of linesOf(syntheticGait({ country: 'JP', people: 40, seed: 'x' }))) {
      const [person = ''] = line;
      byPerson.set(person, [...(byPerson.get(person) ?? []), line]);
    }
    for (const lines of byPerson.values()) {
      const days = lines.map(([, day = '', stride]) => [dayOf(day) ?? 0, Number(stride)] as const);
      const n = days.length;
      const [mx, my] = [0, 1].map((i) => days.reduce((sum, own) => sum + (own[i] ?? 0), 0) / n) as [
        number,
        number,
      ];
      const sum = (f: (x: number, y: number) => number): number =>
        days.reduce((all, [x, y]) => all + f(x - mx, y - my), 0);
      const [xx, xy, yy] = [sum((x) => x * x), sum((x, y) => x * y), sum((_, y) => y * y)];
      const { answers, fuel } = answer(days);
      const clamp = (value: number, low: number, high: number) =>
        Math.min(high, Math.max(low, value));
      deepStrictEqual(answers, [
        clamp(Math.round(my), 700, 1800),
        clamp(Math.round((Math.sqrt(yy / (n - 1)) / my) * 1000), 0, 120),
        clamp(Math.round((xy / xx) * 365.25), -150, 250),
      ]);
      ok(fuel < 45_000, `${fuel}`);
    }
  });
});
