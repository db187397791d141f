/**
 * Sums that do not fit 32 bits, through the whole flow: the plan takes a wider plaintext modulus, the
 * larger ring, or several moduli, from public bounds (rulings 6, 7), and the released numbers are exact.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { PooledLab } from '../../support/pooled-lab.ts';

const COST = 10 ** 6;

/** Costs of up to 10^6 in steps of 1, of up to `declared` people a holder. */
const options = (declared: number, honestHolders: number) => ({
  honestHolders,
  rho: '1000/1',
  cohort: {
    columns: { cost: { type: 'integer', min: 0, max: COST } } as Json,
    declaredSize: { jp: declared, lu: declared },
  },
});

const csv = (...costs: number[]): string =>
  ['patient_id,cost', ...costs.map((cost, i) => `${i},${cost}`)].join('\n') + '\n';

const HOLDERS = { jp: csv(COST, COST, 0, 17), lu: csv(1, COST, 999_999) };
const SUM = 2 * COST + 17 + 1 + COST + 999_999;
const MEAN = SUM / 7;
const VARIANCE =
  [COST, COST, 0, 17, 1, COST, 999_999].reduce((sum, x) => sum + (x - MEAN) ** 2, 0) / 6;

const asked = (measure: Json) => ({ measures: [measure], rho: '100/1' });
const CASES = [
  [20_000, { name: 'x', sum: 'cost' }, SUM, ['kakehashi-rlwe-8192-214-t56']],
  [
    5_000_000,
    { name: 'x', variance: 'cost' },
    VARIANCE,
    ['kakehashi-rlwe-4096-106-t40', 'kakehashi-rlwe-4096-106-m1099511627689'],
  ],
] as const;

describe('wide sums', () => {
  for (const h of [1, 2]) {
    test.each(CASES)(`h = ${h}, %d people: %o is %d`, async (declared, measure, expected, sets) => {
      using lab = await PooledLab.open(HOLDERS, options(declared, h));
      const query = asked(measure);
      deepStrictEqual(lab.compile(query).plan.parameters, sets);
      const { body } = await lab.release(query, ExactNoise);
      const [cell] = body.cells;
      ok(Math.abs((cell?.value ?? Number.NaN) - expected) <= 1e-9 * expected, `${cell?.value}`);
      for (const { keys } of lab.holders) strictEqual([...keys.entered.values()][0], sets.length);
    });
  }
});
