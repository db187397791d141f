/** The ways in which a person moves a plan: by brute force over small vectors, and which plans have none. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { movements, partitions, smoothMoves } from '../../src/cohort/movements.ts';
import { imageTerms, insideStudy } from './inside-study.ts';
import { compiledRun, acceptedStudy, studyKeys } from '../support/study.ts';

type Shifts = readonly [number, ...number[]];

/** Any answer of a block may become any other. */
const blockMoves = (width: number): Shifts[] =>
  Array.from({ length: (width + 1) ** 2 }, (_, i): Shifts => {
    const [a, b] = [i % (width + 1), Math.floor(i / (width + 1))];
    return [a - b, a * (width - a) - b * (width - b)];
  });

/** A person is there with an answer, or is not. */
const mapMoves = (width: number): Shifts[] =>
  Array.from({ length: width + 1 }, (_, a): Shifts => [a, width - a, a * (width - a)]);

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
    // Two rows may meet in some nodes and not in others.
    equal(ways({ measures: [TREE], rho: '1/10' }, { rowsPerPerson: 2 }), undefined);
    const split = ways({ groupBy: ['sex'], rho: '1/200' }, { rowsPerPerson: 3, cellsPerPerson: 2 });
    deepStrictEqual(split, [
      [{ variance: 900, shift: 3, cells: 1 }],
      [
        { variance: 900, shift: 2, cells: 1 },
        { variance: 900, shift: 1, cells: 1 },
      ],
    ]);
  });

  test('answers of an image: no person moves them by more than the bounds, in every cell', () => {
    for (const mode of ['block', 'map'] as const) {
      const image = { digest: imageTerms(mode).digest, ...(mode === 'block' && { blocks: 64 }) };
      const plan = compileQuery(insideStudy({ rows: 3, cells: 2, mode }), {
        format: 'kakehashi/query/1',
        measures: [{ name: 'x', image }],
        groupBy: ['sex'],
        rho: '1/50',
      });
      const [block] = plan.blocks;
      const variances = block!.runs.map(({ variance }) => variance.toNumber());
      // Of each field the answer that moves most; a person has a part in two cells.
      const most = (of: (shift: number, variance: number) => number): number =>
        [10, 7].reduce((sum, wide, f) => {
          const [sums = 0, products = 0] = variances.slice(2 * f, 2 * f + 2);
          const moves = mode === 'block' ? blockMoves(wide) : mapMoves(wide);
          const each = moves.map(([first, ...more]) => {
            const last = more.pop() ?? 0;
            const answers = [first, ...more].reduce((all, shift) => all + of(shift, sums), 0);
            return answers + of(last, products);
          });
          return sum + 2 * Math.max(...each);
        }, 0);
      const bounds = smoothMoves(plan)!;
      const slope = most((shift, variance) => Math.abs(shift) / variance);
      ok(slope <= bounds.slope && slope > 0.75 * bounds.slope, `${mode}: ${slope}`);
      // Attained, and what is charged.
      const muSquared = most((shift, variance) => shift ** 2 / variance);
      ok(Math.abs(muSquared / bounds.muSquared - 1) < 1e-12, `${mode}: ${muSquared}`);
      ok(Math.abs(muSquared / (2 * plan.rho.toNumber()) - 1) < 1e-12);
    }
  });

  test('with two honest holders a share is half as noisy, and a person moves it by twice as much', () => {
    const query = { measures: [{ name: 'm', mean: 'age' }], rho: '1/200' };
    const plan = (honestHolders: number) =>
      compiledRun(acceptedStudy(keys, { honestHolders }), keys, query).plan;
    for (const honestHolders of [1, 2]) {
      const own = plan(honestHolders);
      const { runs, content } = own.blocks[0]!;
      const width = content.kind === 'moments' ? Number(content.max - content.min) : NaN;
      // At a bound: the whole width in one of the sums.
      const found = width ** 2 / runs[0]!.variance.toNumber();
      const { muSquared } = smoothMoves(own)!;
      ok(found <= muSquared * (1 + 1e-12) && muSquared < found * 1.001, `${honestHolders}`);
    }
  });

  test('a mean has no short list, nor has anything beside it', () => {
    const mean = { name: 'm', mean: 'age' };
    equal(ways({ measures: [mean], rho: '1/200' }), undefined);
    equal(ways({ measures: [{ name: 'n', count: true }, mean], rho: '1/200' }), undefined);
  });
});
