/**
 * Every reference case of the shared data is answered, or out of scope for one stated reason; the
 * table is printed. Origins are in the file: test suites of google/differential-privacy, opendp,
 * PipelineDP, diffprivlib, tumult, and closed forms with 40 digits.
 */
import { equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { Composition } from '../../src/dp/accountant/composition.ts';
import { homogeneousEpsilon } from '../../src/dp/accountant/conversions.ts';
import { gaussianDelta, gaussianSigma } from '../../src/dp/accountant/gaussian-dp.ts';
import {
  discreteLaplaceLoss,
  gaussianLoss,
  laplaceLoss,
  type Mechanism,
  noiseLoss,
} from '../../src/dp/accountant/loss-of.ts';
import { sharedData } from '../support/shared-data.ts';
import { ANSWERS, OUT_OF_SCOPE } from './case-table.ts';
import { allCases } from './reference-cases.ts';

const reasonOf = ({ id, fn }: { id: string; fn: string }) => OUT_OF_SCOPE[id] ?? OUT_OF_SCOPE[fn];
const outside = allCases.filter((each) => reasonOf(each) !== undefined);
const inside = allCases.filter((each) => reasonOf(each) === undefined);

describe.skipIf(allCases.length === 0)('reference cases', () => {
  test('every id is covered or out of scope for one reason, fewer than 30 of them', () => {
    const rows = allCases.map((each) => `${each.id.padEnd(12)} ${reasonOf(each) ?? 'covered'}`);
    const [covered, not] = [inside.length, outside.length];
    process.stdout.write(`${rows.join('\n')}\n${covered} covered, ${not} out of scope\n`);
    for (const { id, fn } of inside) ok(ANSWERS[fn] !== undefined, `${id}: ${fn}`);
    ok(outside.length < 30);
    equal(new Set(allCases.map(({ id }) => id)).size, allCases.length);
  });
  for (const each of inside) {
    test(`${each.id}: ${each.fn}`, () => {
      // Each answer knows the shape of its own function's cases.
      ANSWERS[each.fn]?.(each.input, each.expected, each);
    });
  }
});

type Row = (number | string | null)[];
type Google = {
  delta_for_epsilon: Record<string, { columns: string[]; rows: Row[] }>;
} & Record<string, { columns: string[]; rows: Row[] }>;

const path = sharedData('dp/google_dp_accounting_reference.json');
const google = path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as Google);

/** The discrete Gaussian cut at a bound and normalised: not a mechanism of ours, but a law. */
function truncated(sigma: number, bound: number) {
  const mass = Float64Array.from({ length: 2 * bound + 1 }, (_, i) =>
    Math.exp(-((i - bound) ** 2) / (2 * sigma * sigma)),
  );
  const total = mass.reduce((sum, p) => sum + p, 0);
  return { radius: bound, mass: mass.map((p) => p / total) };
}

/** δ at ε of one mechanism on a fine lattice, any ε: `LatticeLoss.delta` takes negative ones too. */
const deltaOf = (mechanism: Mechanism, epsilon: number): number =>
  mechanism.on(mechanism.top / Math.ceil(mechanism.top / 1e-4)).delta(epsilon);

const DELTAS: Record<string, (row: number[], epsilon: number) => number> = {
  laplace: ([scale = 0, l1 = 0], epsilon) => deltaOf(laplaceLoss(scale, l1), epsilon),
  gaussian: ([sigma = 0, l2 = 0], epsilon) => gaussianDelta(l2 / sigma, epsilon),
  discrete_laplace: ([rate = 0, shift = 0], epsilon) =>
    deltaOf(discreteLaplaceLoss(rate, shift), epsilon),
  discrete_gaussian: ([sigma = 0, shift = 0, bound = 0], epsilon) =>
    deltaOf(noiseLoss(truncated(sigma, bound), shift), epsilon),
};

const fits = (mechanism: Mechanism, count: number, epsilon: number, delta: number) =>
  new Composition([{ mechanism, count }]).deltaUp(epsilon) <= delta;

describe.skipIf(google === undefined)('values of google/differential-privacy', () => {
  for (const [name, deltaAt] of Object.entries(DELTAS)) {
    test(`δ(ε): ${name}, without subsampling`, () => {
      const { columns, rows } = google!.delta_for_epsilon[name]!;
      let compared = 0;
      for (const row of rows) {
        const value = (column: string) => row[columns.indexOf(column)] as number;
        if (value('sampling_prob') !== 1 || value('epsilon') < 0) continue;
        const found = deltaAt(row as number[], value('epsilon'));
        // Ours may be above by the lattice, never below what they print with 7 digits.
        ok(found >= value('delta') - 2e-8 && found <= value('delta') + 2e-6, JSON.stringify(row));
        compared += 1;
      }
      ok(compared > 1);
    });
  }
  test('the smallest noise of many answers', () => {
    for (const [l1, epsilon, delta, count, scale] of google!['smallest_laplace_noise']!
      .rows as number[][]) {
      ok(fits(laplaceLoss(scale! + 0.1, l1!), count!, epsilon!, delta!));
      ok(!fits(laplaceLoss(scale! - 0.1, l1!), count!, epsilon!, delta!));
    }
    for (const [l1, epsilon, delta, count, rate] of google!['smallest_discrete_laplace']!
      .rows as number[][]) {
      ok(fits(discreteLaplaceLoss(rate! - 0.001, l1!), count!, epsilon!, delta!));
      ok(!fits(discreteLaplaceLoss(rate! + 0.001, l1!), count!, epsilon!, delta!));
    }
    for (const [l2, epsilon, delta, count, sigma] of google!['smallest_gaussian_noise']!
      .rows as number[][]) {
      ok(Math.abs(gaussianSigma(epsilon!, delta!, l2! * Math.sqrt(count!)) / sigma! - 1) < 1e-4);
      ok(!fits(gaussianLoss(sigma! * 0.99, l2!), count!, epsilon!, delta!));
    }
  });
  test('advanced composition', () => {
    for (const [epsilon, delta, count, total, expected] of google!['advanced_composition']!.rows) {
      const [e, d, k, t] = [epsilon, delta, count, total] as number[];
      equal(homogeneousEpsilon(e!, d!, k!, t!) ?? null, expected);
    }
  });
});
