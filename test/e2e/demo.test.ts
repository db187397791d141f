/** `kakehashi demo`: three real processes, two studies, one refusal, nothing left behind. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { command } from '../support/institutions.ts';

type Cell = {
  group: Record<string, string | null>;
  measure: string;
  value: number | null;
  unit: string;
  interval: [number, number] | null;
};
type Release = {
  cells: Cell[];
  curves: {
    group: Record<string, string>;
    points: { time: number; survival: number; interval: [number, number] }[];
  }[];
  tests: { name: string; chi2: number; df: number; p: number }[];
  privacy: { rho: string };
  left: Record<string, { rho: string }>;
  receipt: { holders: { attestation: { holder: string; charged: boolean } }[] };
};
type Demo = {
  release: Release;
  price: { rho: string; cells: number };
  timings: Record<string, number>;
  refused: Record<string, string>;
  oncology: { release: Release };
};

test('means by holder and age, a refusal, and survival by arm', async () => {
  const { code, out, err } = await command(['demo', '--people', '2000', '--json']);
  strictEqual(code, 0, err);
  strictEqual(err, '');
  const { release, price, timings, refused, oncology } = JSON.parse(out) as Demo;
  // Three measures, six ages and a cell for no value, at two holders and pooled.
  strictEqual(release.cells.length, 3 * 3 * 7);
  deepStrictEqual([price.rho, release.privacy.rho, price.cells], ['1/50', '1/50', 7]);
  const of = (measure: string, holder: string | undefined): Cell[] =>
    release.cells.filter((cell) => cell.measure === measure && cell.group['holder'] === holder);
  const people = (holder: string | undefined): number =>
    of('people', holder).reduce((sum, { value }) => sum + (value ?? 0), 0);
  // 2,000 people, some in suppressed cells, sigma 9 in each of 7.
  for (const holder of ['lu', 'jp']) ok(Math.abs(people(holder) - 2000) < 150, `${people(holder)}`);
  ok(Math.abs(people(undefined) - 4000) < 250, `${people(undefined)}`);
  // Luxembourg hands in mmol/mol, and what is released is in %: about 7, never 50.
  for (const holder of ['lu', 'jp', undefined]) {
    const shown = of('HbA1c', holder).filter(({ value }) => value !== null);
    ok(shown.length >= 5, 'most ages are shown');
    const middle = shown.find(({ group }) => group['age'] === '[60,70)');
    ok(Math.abs((middle?.value ?? 0) - 7.15) < 1, `${middle?.value}`);
    strictEqual(middle?.unit, '%');
    const share = of('with complications', holder).find(({ group }) => group['age'] === '[60,70)');
    ok(Math.abs((share?.value ?? 0) - 0.46) < 0.15, `${share?.value}`);
    const [low, high] = share?.interval ?? [1, 0];
    ok(0 <= low && low < high && high <= 1);
  }
  deepStrictEqual(
    release.receipt.holders.map(({ attestation }) => attestation.charged),
    [true, true],
  );
  deepStrictEqual(Object.keys(timings), ['reserving', 'computing', 'sharing', 'total']);
  const { code: problem, asked, spent, left } = refused;
  deepStrictEqual([problem, asked, spent, left], ['BUDGET_EXHAUSTED', '1/2', '1/50', '12/25']);
  deepStrictEqual(
    Object.values(release.left).map(({ rho }) => rho),
    ['12/25', '12/25'],
  );

  const { curves, tests, left: afterwards } = oncology.release;
  deepStrictEqual(
    curves.map(({ group }) => group),
    [{ arm: 'standard' }, { arm: 'new' }],
  );
  const [standard = 1, other = 0] = curves.map(
    ({ points }) => points.find(({ time }) => time === 30)?.survival ?? Number.NaN,
  );
  // The generator gives the new arm seven tenths of the hazard.
  ok(other > standard && standard > 0.4 && other < 0.9, `${standard} and ${other}`);
  for (const { points } of curves) {
    strictEqual(points.length, 20);
    points.forEach(({ survival }, i) => ok(i === 0 || survival <= points[i - 1]!.survival));
  }
  deepStrictEqual(
    tests.map(({ name, df }) => [name, df]),
    [
      ['log-rank with noise', 1],
      ['log-rank', 1],
    ],
  );
  ok(
    tests.every(({ p }) => p < 0.001),
    JSON.stringify(tests),
  );
  deepStrictEqual(
    Object.values(afterwards).map(({ rho }) => rho),
    ['9/20', '9/20'],
  );
}, 60_000);
