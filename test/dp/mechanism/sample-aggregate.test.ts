/** What one block, or one person, moves: all pairs of answers for small ranges, against the bound that is charged. */
import { deepStrictEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { answerSensitivity, fieldNoise } from '../../../src/dp/mechanism/sample-aggregate.ts';
import { refusal } from '../../support/refusal.ts';

const WIDTHS = [1, 2, 3, 5, 8, 13, 50, 101];

/** The largest squared distance in units of the noise, where the noise of Q is `multiple` of that of A. */
function largestMove(width: number, multiple: number): number {
  let largest = 0;
  const g = (a: number): number => a * (width - a);
  for (let a = 0; a <= width; a += 1) {
    for (let b = 0; b <= width; b += 1) {
      largest = Math.max(largest, (a - b) ** 2 + (g(a) - g(b)) ** 2 / multiple);
    }
  }
  return largest / width ** 2;
}

describe('a block', () => {
  test.each(WIDTHS)('of width %i moves a field by 1 in its own unit, and no more', (width) => {
    const [a, q] = fieldNoise('block', BigInt(width));
    const multiple = (q?.multiple.toNumber() ?? 0) / (a?.multiple.toNumber() ?? 1);
    deepStrictEqual(largestMove(width, multiple), 1);
  });

  test('control: with a third of the noise on the products it would move more', () => {
    ok(largestMove(50, 50 ** 2 / 24) > 1);
  });
});

test('a person in map mode: squares of the distances to both bounds, and of the product', () => {
  for (const width of WIDTHS) {
    const noise = fieldNoise('map', BigInt(width)).map(({ multiple }) => multiple.toNumber());
    const [sums = 1, products = 1] = noise;
    for (let a = 0; a <= width; a += 1) {
      const part = (a * a + (width - a) ** 2) / sums + (a * (width - a)) ** 2 / products;
      ok(part <= 1 + 1e-12, `${a} of ${width}`);
    }
  }
});

test('fields and cells add up', () => {
  const bounds = { mode: 'block', widths: [10n, 3n], cells: 2 } as const;
  deepStrictEqual(answerSensitivity(bounds), {
    l0: 8n,
    linf: 25n,
    l1: 2n * (10n + 25n + 3n + 2n),
    squaredL2: 4n,
  });
  deepStrictEqual(answerSensitivity({ ...bounds, mode: 'map' }).l0, 12n);
  for (const bad of [{ widths: [] }, { widths: [0n] }, { cells: 0 }]) {
    throws(() => answerSensitivity({ ...bounds, ...bad }), refusal('INVALID_PARAMETER'));
  }
});
