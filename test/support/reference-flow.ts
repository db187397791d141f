/** Published cohorts split between two holders, through the whole flow without noise. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Json } from '../../src/base/canonical-json.ts';
import type { ReleaseBody } from '../../src/flows/pooled/release.ts';
import { ExactNoise } from './exact-noise.ts';
import { PooledLab } from './pooled-lab.ts';

export const read = (file: string | undefined): string =>
  readFileSync(file ?? '', 'utf8').trimEnd();
export const near = (a: number | null | undefined, b: number, within = 1e-9): void =>
  ok(Math.abs((a ?? Number.NaN) - b) <= within * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

/** A file as two: rows of whom `first` says so, and the others. */
export function divided(text: string, first: (line: string, index: number) => boolean) {
  const [header = '', ...lines] = text.split('\n');
  const part = (wanted: boolean): string =>
    [header, ...lines.filter((line, i) => first(line, i) === wanted)].join('\n');
  return { lu: part(true), jp: part(false) };
}

export const numbered = (text: string): string =>
  text
    .split('\n')
    .map((line, i) => `${i === 0 ? 'id' : i},${line.replaceAll('"', '')}`)
    .join('\n');

export async function released(
  parts: Record<string, string>,
  cohort: Record<string, Json>,
  query: Record<string, Json>,
): Promise<ReleaseBody> {
  using lab = await PooledLab.open(parts, { cohort, rho: '1000000/1' });
  return (await lab.release({ rho: '1/1', ...query }, ExactNoise)).body;
}

export const even = (_: string, i: number): boolean => i % 2 === 0;
export const cohortOf = (
  columns: Record<string, Json>,
  size = 3000,
  person = 'id',
): Record<string, Json> => ({
  person,
  rowsPerPerson: 1,
  cellsPerPerson: 1,
  declaredSize: { lu: size, jp: size },
  nulls: ['', 'NA'],
  columns,
});
export const unquoted = (file: string | undefined): string => read(file).replaceAll('"', '');

export type Fit = { coef: number[]; se: number[] };
/** Sampling alone is as R has it; the planned noise adds less than `wider` to a half-width. */
export function nearFit(
  estimates: readonly {
    readonly value: number | null;
    readonly interval: readonly [number, number] | null;
  }[],
  { coef, se }: Fit,
  within: number,
  wider: number,
): void {
  deepStrictEqual(estimates.length, coef.length);
  estimates.forEach(({ value, interval }, i) => {
    near(value, coef[i]!, within);
    const half = ((interval?.[1] ?? NaN) - (interval?.[0] ?? NaN)) / 2;
    const ratio = half / (1.959964 * se[i]!);
    ok(ratio > 1 - 1e-4 && ratio < 1 + wider, `half-width ${i}: ${ratio} of R's`);
  });
}
