/** `kakehashi demo`: three real processes, one release, one refusal, nothing left behind. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { command } from '../support/institutions.ts';

type Cell = { group: Record<string, string | null>; value: number | null; suppressed: boolean };
type Demo = {
  release: {
    cells: Cell[];
    privacy: { rho: string };
    left: Record<string, { rho: string }>;
    receipt: { holders: { receipt: { holder: string; charged: boolean } }[] };
  };
  price: { rho: string; cells: number };
  timings: Record<string, number>;
  refused: Record<string, string>;
};

test('people by holder, sex and age, then a query that the budget does not cover', async () => {
  const { code, out, err } = await command(['demo', '--people', '2000', '--json']);
  strictEqual(code, 0, err);
  strictEqual(err, '');
  const { release, price, timings, refused } = JSON.parse(out) as Demo;
  // Two sexes and six ages, each with its cell for no value, at two holders and pooled.
  strictEqual(release.cells.length, 3 * (3 * 7));
  deepStrictEqual([price.rho, release.privacy.rho, price.cells], ['1/200', '1/200', 21]);
  const shown = (holder: string | undefined): number =>
    release.cells
      .filter(({ group }) => group['holder'] === holder)
      .reduce((sum, { value }) => sum + (value ?? 0), 0);
  // 2,000 people, some in suppressed cells, sigma 10 in each of 21.
  for (const holder of ['lu', 'jp']) ok(Math.abs(shown(holder) - 2000) < 250, `${shown(holder)}`);
  ok(Math.abs(shown(undefined) - 4000) < 400, `${shown(undefined)}`);
  deepStrictEqual(
    release.receipt.holders.map(({ receipt }) => receipt.charged),
    [true, true],
  );
  deepStrictEqual(Object.keys(timings), ['reserving', 'computing', 'sharing', 'total']);
  const { code: problem, asked, spent, left } = refused;
  deepStrictEqual([problem, asked, spent, left], ['BUDGET_EXHAUSTED', '1/2', '1/200', '99/200']);
  deepStrictEqual(
    Object.values(release.left).map(({ rho }) => rho),
    ['99/200', '99/200'],
  );
}, 60_000);
