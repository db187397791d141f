import { deepEqual, equal, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { countSensitivity } from '../../src/dp/contribution.ts';
import { refusal } from '../support/refusal.ts';

/**
 * Every vector that one person can add: at most `rows` rows, in at most `most` of `cells` cells.
 */
function* contributions(cells: number, rows: number, most: number): Generator<number[]> {
  if (cells === 0) {
    yield [];
    return;
  }
  for (let here = 0; here <= (most > 0 ? rows : 0); here++) {
    for (const rest of contributions(cells - 1, rows - here, here > 0 ? most - 1 : most)) {
      yield [here, ...rest];
    }
  }
}

const norms = (x: readonly number[]) => ({
  l0: BigInt(x.filter((n) => n > 0).length),
  linf: BigInt(Math.max(...x)),
  l1: BigInt(x.reduce((sum, n) => sum + n, 0)),
  squaredL2: BigInt(x.reduce((sum, n) => sum + n * n, 0)),
});

const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b);

describe('count sensitivity', () => {
  test('equals the maximum over every possible person, for all small bounds', () => {
    for (let cells = 1; cells <= 4; cells++) {
      for (let rowsPerPerson = 1; rowsPerPerson <= 5; rowsPerPerson++) {
        for (let cellsPerPerson = 1; cellsPerPerson <= 5; cellsPerPerson++) {
          let worst = { l0: 0n, linf: 0n, l1: 0n, squaredL2: 0n };
          for (const x of contributions(cells, rowsPerPerson, cellsPerPerson)) {
            const n = norms(x);
            worst = {
              l0: largest(worst.l0, n.l0),
              linf: largest(worst.linf, n.linf),
              l1: largest(worst.l1, n.l1),
              squaredL2: largest(worst.squaredL2, n.squaredL2),
            };
          }
          deepEqual(countSensitivity({ rowsPerPerson, cellsPerPerson, cells }), worst);
        }
      }
    }
  });
  test('control: a person without a bound on rows exceeds it', () => {
    const { squaredL2 } = countSensitivity({ rowsPerPerson: 3, cellsPerPerson: 3, cells: 9 });
    equal(norms([3, 1, 0]).squaredL2 > squaredL2, true);
  });
  test('large bounds are exact', () => {
    const rowsPerPerson = 2 ** 40;
    const { squaredL2 } = countSensitivity({ rowsPerPerson, cellsPerPerson: 1, cells: 1 });
    equal(squaredL2, 1n << 80n);
  });
  test('refusals', () => {
    const good = { rowsPerPerson: 1, cellsPerPerson: 1, cells: 1 };
    for (const name of ['rowsPerPerson', 'cellsPerPerson', 'cells']) {
      for (const bad of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
        throws(() => countSensitivity({ ...good, [name]: bad }), refusal('INVALID_PARAMETER'));
      }
    }
  });
});
