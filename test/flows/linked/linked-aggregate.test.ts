/** Flow 2 end to end in one process: what is released is the plain join, and what it costs is booked. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { type LinkedCell, linkedRelease } from '../../../src/flows/linked/release.ts';
import { deal } from '../../../src/flows/linked/align.ts';
import { KIND, receiveLong } from '../../../src/flows/linked/wire.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { Frames } from '../../../src/psi/frames.ts';
import { align } from '../../../src/psi/tokens/alignment.ts';
import { shareMask } from '../../../src/psi/tokens/mask-shares.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { keyOf, LinkedLab, type People, type Sandbox } from '../../support/linked-lab.ts';
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
  test('count, sum and mean by group are those of the plain join; both holders get the same and are charged', async () => {
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

    // Both ledgers are charged rho and delta, the dummies in them, and have settled.
    for (const { ledger } of [lab.a, lab.b]) {
      const { spent, reserved } = await ledger.account(lab.plan.study);
      deepStrictEqual([spent.rho, spent.delta], [lab.plan.rho, lab.plan.delta]);
      equal(reserved.rho.sign(), 0);
    }
    equal(lab.plan.rho.compare(Rational.of(1, 10)), 1);
    equal(lab.plan.delta.sign(), 1);
  });
});

describe('before and after', () => {
  test('without budget at one holder nobody touches data', async () => {
    using poor = await LinkedLab.open({}, { rho: Rational.of(1, 100), delta: Rational.of(1, 100) });
    const run = poor.nextRun();
    const released = poor.release(cohorts(), ExactNoise, () => Promise.resolve(), run);
    await rejects(released, { code: 'BUDGET_EXHAUSTED' });
    equal(await poor.a.ledger.touched(run.run), false);
  });

  test('the sandbox counts dummies too; a run is attempted once; twins match nobody; values are cut; small cells are hidden', async () => {
    const { groups, values } = cohorts();
    // Person 200 has a twin at A, and person 201 nonsense at B.
    const keys = groups.keys.map((key, i) => (i === 0 ? keyOf(200) : key));
    values.values[1]?.set([Number.POSITIVE_INFINITY, Number.NaN, -5, 7.9], 51);
    const counted = [0, days[50] ?? 0, ...days.slice(51, 55)];
    const expected = joined(0).total + joined(1).total - counted.reduce((x, y) => x + y) + 400 + 7;
    const smaller = joined(0).people < joined(1).people ? 'F' : 'M';
    const minimumCell = Math.min(joined(0).people, joined(1).people) + 1;

    using lab = await LinkedLab.open();
    const run = lab.nextRun();
    const changed = { groups: { ...groups, keys }, values };
    let equalTokens = 0;
    const counting: Sandbox = async (plan, channels) => {
      const frames = { groups: new Frames(channels.groups), values: new Frames(channels.values) };
      const [ofA, ofB] = [
        await receiveLong(frames.groups, KIND.tokens, 16 * plan.length),
        await receiveLong(frames.values, KIND.tokens, 16 * plan.length),
      ];
      const { positions, matched } = align(ofA, ofB, systemRng);
      equalTokens = matched.reduce((sum, one) => sum + one, 0);
      await deal(frames, positions, shareMask(matched, systemRng));
    };
    const { a } = await lab.release(changed, ExactNoise, counting, run);
    // 149 people match, and between 0 and 2 T dummies do: T of them are never or all there with delta.
    const dummies = equalTokens - 149;
    ok(dummies > 0 && dummies < 2 * lab.plan.dummies.reach);
    const total = ['F', 'M'].reduce((sum, g) => sum + (value(a.release.cells, g, 'days') ?? 0), 0);
    equal(total, expected);
    await rejects(lab.release(changed, ExactNoise, undefined, run), { code: 'RUN_INCOMPLETE' });

    const cells = BigInt64Array.from(a.release.cells.map(({ value: shown }) => BigInt(shown ?? 0)));
    const hidden = linkedRelease({ ...lab.plan, minimumCell }, cells).cells;
    equal(value(hidden, smaller, 'people'), null);
    equal(value(hidden, smaller, 'days'), null);
  });

  test('rows that cannot be read count as none, and nobody else is told', async () => {
    using lab = await LinkedLab.open();
    const { groups, values } = cohorts();
    const broken = { groups, values: { ...values, values: [new Float64Array(3)] } };
    const { a } = await lab.release(broken, ExactNoise);
    deepStrictEqual(
      a.release.cells.map((cell) => cell.value),
      [0, 0, 0, 0],
    );
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
