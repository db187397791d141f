/** Flow 2 end to end in one process: what is released is the plain join, and what it costs is booked. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import type { LinkedCell } from '../../../src/flows/linked/release.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { keyOf, LinkedLab, type People } from '../../support/linked-lab.ts';
import { Seeded } from '../../support/seeded.ts';

const SIZE = 300;
const random = new Seeded('linked cohorts', 10_000);

/** A has people 0 to 299 and their sex, B 150 to 449 and their days of stay. */
const sexes = Array.from({ length: SIZE }, () => random.below(2));
const days = Array.from({ length: SIZE }, () => random.below(401));
const cohorts = (): People => ({
  groups: {
    keys: sexes.map((_, i) => keyOf(i)),
    groups: [0, 1].map((sex) => Uint8Array.from(sexes, (own) => Number(own === sex))),
  },
  values: {
    keys: days.map((_, i) => keyOf(150 + i)),
    values: [new Float64Array(SIZE).fill(1), Float64Array.from(days)],
  },
});

/** Count and sum of a sex by looking. */
function joined(sex: number): { people: number; total: number } {
  const both = sexes.flatMap((own, i) => (i >= 150 && own === sex ? [days[i - 150] ?? 0] : []));
  return { people: both.length, total: both.reduce((sum, x) => sum + x, 0) };
}

const value = (cells: readonly LinkedCell[], group: string, measure: string): number | null =>
  cells.find((cell) => cell.group === group && cell.measure === measure)?.value ?? null;

describe('linked aggregate of 2 x 300 people', () => {
  test('count, sum and mean by group are those of the plain join; both holders get the same', async () => {
    using lab = await LinkedLab.open();
    const { a, b } = await lab.release(cohorts(), ExactNoise);
    deepStrictEqual(a, b);
    const { cells } = a.release;
    ['F', 'M'].forEach((group, sex) => {
      const { people, total } = joined(sex);
      equal(value(cells, group, 'people'), people);
      equal(value(cells, group, 'days'), total);
      equal(
        (value(cells, group, 'days') ?? 0) / (value(cells, group, 'people') ?? 0),
        total / people,
      );
    });
  });

  test('both ledgers are charged rho and delta, the dummies in them, and settle', async () => {
    using lab = await LinkedLab.open();
    await lab.release(cohorts(), ExactNoise);
    for (const { ledger } of [lab.a, lab.b]) {
      const { spent, reserved } = await ledger.account(lab.plan.study);
      deepStrictEqual([spent.rho, spent.delta], [lab.plan.rho, lab.plan.delta]);
      equal(reserved.rho.sign(), 0);
    }
    equal(lab.plan.rho.compare(Rational.of(1, 10)), 1);
    equal(lab.plan.delta.sign(), 1);
  });

  test('no cohort, no overlap, a key held twice, a value out of bounds', async () => {
    using lab = await LinkedLab.open();
    const exact = cohorts();
    const apart = { ...exact.values, keys: exact.values.keys.map((_, i) => keyOf(1000 + i)) };
    const none = await lab.release({ groups: exact.groups, values: apart }, ExactNoise);
    deepStrictEqual(new Set(none.a.release.cells.map((cell) => cell.value)), new Set([0]));

    // Person 200 has a twin at A: both match nobody. Person 201 has nonsense at B.
    const twin = exact.groups.keys.map((key, i) => (i === 0 ? keyOf(200) : key));
    const values = exact.values.values.map((column) => column.slice());
    if (values[1] !== undefined) values[1][51] = Number.POSITIVE_INFINITY;
    const { a } = await lab.release(
      {
        groups: { ...exact.groups, keys: twin },
        values: { keys: exact.values.keys, values },
      },
      ExactNoise,
    );
    const totals = ['F', 'M'].map((group) => value(a.release.cells, group, 'days') ?? 0);
    const plain = joined(0).total + joined(1).total - (days[50] ?? 0);
    equal((totals[0] ?? 0) + (totals[1] ?? 0), plain - (days[51] ?? 0) + 400);
  });

  test('a cell below the minimum size is not shown', async () => {
    using lab = await LinkedLab.open({ minimumCell: joined(0).people + 1 });
    const { a } = await lab.release(cohorts(), ExactNoise);
    equal(value(a.release.cells, 'F', 'people'), null);
    equal(value(a.release.cells, 'F', 'days'), null);
  });
});

describe('before and after', () => {
  test('without budget at one holder nobody touches data', async () => {
    using lab = await LinkedLab.open();
    const run = lab.nextRun();
    const spent = lab.plan.rho.times(Rational.of(9999));
    void spent;
    using poor = await LinkedLab.open({}, { rho: Rational.of(1, 100), delta: Rational.of(1, 100) });
    const released = poor.release(cohorts(), ExactNoise, () => Promise.resolve(), run);
    await rejects(released, { code: 'BUDGET_EXHAUSTED' });
    equal(await poor.a.ledger.touched(run.run), false);
  });

  test('a run is attempted once, and its charge stays', async () => {
    using lab = await LinkedLab.open();
    const run = lab.nextRun();
    await lab.release(cohorts(), ExactNoise, undefined, run);
    await rejects(lab.release(cohorts(), ExactNoise, undefined, run), { code: 'RUN_INCOMPLETE' });
  });

  test('another plan at one holder ends the run before any charge', async () => {
    using lab = await LinkedLab.open();
    lab.network.tamper = (frame) =>
      frame.kind === 'plan' ? { ...frame, body: new Uint8Array(64).fill(0x61) } : frame;
    const run = lab.nextRun();
    await rejects(lab.release(cohorts(), ExactNoise, undefined, run), { code: 'PLAN_MISMATCH' });
    equal((await lab.a.ledger.account(lab.plan.study)).reserved.rho.sign(), 0);
  });
});
