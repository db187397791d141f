/** The ways in which a person moves a plan: by brute force over small vectors, and which plans have none. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { movements, partitions } from '../../src/cohort/movements.ts';
import { compiledRun, acceptedStudy, studyKeys } from '../support/study.ts';

describe('movements', () => {
  test('partitions are all sums of so many parts at most', () => {
    for (let rows = 1; rows <= 6; rows++) {
      for (let parts = 1; parts <= 4; parts++) {
        const seen = new Set<string>();
        const fill = (left: number, at: number, vector: readonly number[]): void => {
          if (at === parts) {
            const positive = vector.filter((x) => x > 0);
            if (left === 0) seen.add([...positive].sort((a, b) => b - a).join());
            return;
          }
          for (let x = 0; x <= left; x++) fill(left - x, at + 1, [...vector, x]);
        };
        fill(rows, 0, []);
        const found = partitions(rows, parts).map((shifts) => shifts.join());
        deepStrictEqual(found.sort(), [...seen].sort(), `${rows} in ${parts}`);
      }
    }
  });

  const keys = studyKeys(['jp', 'lu']);
  const ways = (body: Record<string, Json>, cohort: Record<string, Json> = {}) =>
    movements(compiledRun(acceptedStudy(keys, { cohort }), keys, body).plan);
  const TREE = { name: 'q', quantiles: { column: 'age', at: [0.5] } };

  test('a count, with a tree beside it, and several rows of a person', () => {
    deepStrictEqual(ways({ groupBy: ['sex'], rho: '1/200' }), [
      [{ variance: 100, shift: 1, cells: 1 }],
    ]);
    const several = ways({ rho: '1/200' }, { rowsPerPerson: 2, cellsPerPerson: 2 });
    deepStrictEqual(several, [[{ variance: 400, shift: 2, cells: 1 }]], 'one cell in all');
    const tree = ways({ measures: [TREE], rho: '1/10' })?.[0] ?? [];
    equal(tree.length, 1);
    equal(tree[0]?.cells, 8, 'seven levels below the root');
    const split = ways({ groupBy: ['sex'], rho: '1/200' }, { rowsPerPerson: 3, cellsPerPerson: 2 });
    deepStrictEqual(split, [
      [{ variance: 900, shift: 3, cells: 1 }],
      [
        { variance: 900, shift: 2, cells: 1 },
        { variance: 900, shift: 1, cells: 1 },
      ],
    ]);
  });

  test('a mean has no short list, nor has anything beside it', () => {
    const mean = { name: 'm', mean: 'age' };
    equal(ways({ measures: [mean], rho: '1/200' }), undefined);
    equal(ways({ measures: [{ name: 'n', count: true }, mean], rho: '1/200' }), undefined);
  });
});
