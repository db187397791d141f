/**
 * Dyadic counts: sensitivity by brute force over people, the estimate against ordinary least squares
 * solved by elimination, variances of ranges against the covariance of that solution.
 */
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  dyadicCounts,
  dyadicSensitivity,
  dyadicTree,
  levelOffset,
  pathOf,
} from '../../../src/dp/mechanism/dyadic.ts';
import { consistentLeaves, prefixVariance } from '../../../src/dp/mechanism/dyadic-consistency.ts';
import { refusal } from '../../support/refusal.ts';

const invalid = refusal('INVALID_PARAMETER');

describe('layout', () => {
  test('leaves, pairs, total', () => {
    const tree = dyadicTree(3);
    deepEqual(tree, { depth: 2, leaves: 4, nodes: 7 });
    deepEqual(
      [0, 1, 2].map((level) => levelOffset(tree, level)),
      [0, 4, 6],
    );
    deepEqual(pathOf(tree, 2), [2, 5, 6]);
    deepEqual(Array.from(dyadicCounts(tree, BigInt64Array.of(5n, 1n, 0n, 2n)), Number), [
      ...[5, 1, 0, 2],
      ...[6, 2],
      8,
    ]);
    deepEqual(dyadicTree(1), { depth: 0, leaves: 1, nodes: 1 });
    equal(dyadicTree(2 ** 20).nodes, 2 ** 21 - 1);
  });
  test('a row is counted on its path and nowhere else', () => {
    const tree = dyadicTree(8);
    for (let leaf = 0; leaf < 8; leaf++) {
      const one = new BigInt64Array(8);
      one[leaf] = 1n;
      const touched = Array.from(dyadicCounts(tree, one)).flatMap((n, i) => (n === 1n ? [i] : []));
      deepEqual(touched, pathOf(tree, leaf));
    }
  });
});

function* people(leaves: number, rows: number): Generator<bigint[]> {
  if (leaves === 0) yield [];
  else
    for (let here = 0; here <= rows; here++)
      for (const rest of people(leaves - 1, rows - here)) yield [BigInt(here), ...rest];
}

test('sensitivity is the maximum over every person, for small bounds', () => {
  for (const leaves of [1, 2, 4]) {
    for (let rows = 1; rows <= 4; rows++) {
      const tree = dyadicTree(leaves);
      let worst = { l0: 0n, linf: 0n, l1: 0n, squaredL2: 0n };
      const most = (a: bigint, b: bigint) => (a > b ? a : b);
      for (const person of people(leaves, rows)) {
        const x = Array.from(dyadicCounts(tree, BigInt64Array.from(person)));
        const sum = (f: (n: bigint) => bigint) => x.reduce((s, n) => s + f(n), 0n);
        worst = {
          l0: most(
            worst.l0,
            sum((n) => (n > 0n ? 1n : 0n)),
          ),
          linf: x.reduce(most, worst.linf),
          l1: most(
            worst.l1,
            sum((n) => n),
          ),
          squaredL2: most(
            worst.squaredL2,
            sum((n) => n * n),
          ),
        };
      }
      deepEqual(dyadicSensitivity(tree, rows), worst);
    }
  }
});

/** (A'WA)^-1 by Gauss and Jordan, A the incidence of leaves in nodes, W = 1/σ² of each node. */
function covariance(leaves: number, levels: readonly number[]): number[][] {
  const tree = dyadicTree(leaves);
  const m = Array.from({ length: leaves }, (_, i) => [
    ...Array.from({ length: leaves }, (__, j) => {
      const shared = pathOf(tree, i).filter((node) => pathOf(tree, j).includes(node));
      return shared.reduce((s, node) => s + 1 / levels[pathOf(tree, i).indexOf(node)]!, 0);
    }),
    ...Array.from({ length: leaves }, (__, j) => (i === j ? 1 : 0)),
  ]);
  for (let k = 0; k < leaves; k++) {
    const pivot = m[k]![k]!;
    m[k] = m[k]!.map((x) => x / pivot);
    for (let i = 0; i < leaves; i++) {
      const factor = m[i]![k]!;
      if (i !== k) m[i] = m[i]!.map((x, j) => x - factor * m[k]![j]!);
    }
  }
  return m.map((row) => row.slice(leaves));
}

describe('consistency', () => {
  const near = (a: number, b: number) => {
    ok(Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b)), `${a}, not ${b}`);
  };
  for (const [leaves, levels] of [
    [1, [3]],
    [2, [1, 1]],
    [8, [1, 1, 1, 1]],
    [8, [4, 1, 9, 2]],
    [16, [1, 1, 1, 1, 1]],
  ] as const) {
    const tree = dyadicTree(leaves);
    const noised = Array.from({ length: tree.nodes }, (_, i) => ((i * 37) % 23) - 5);
    test(`${leaves} leaves, variances ${levels.join(' ')}: ordinary least squares`, () => {
      const inverse = covariance(leaves, levels);
      // A'W y
      const right = Array.from({ length: leaves }, (_, leaf) =>
        pathOf(tree, leaf).reduce((s, node, level) => s + noised[node]! / levels[level]!, 0),
      );
      const estimate = consistentLeaves(tree, noised, levels);
      inverse.forEach((row, i) => {
        near(
          estimate[i]!,
          row.reduce((s, c, j) => s + c * right[j]!, 0),
        );
        let variance = 0;
        for (let a = 0; a <= i; a++) for (let b = 0; b <= i; b++) variance += inverse[a]![b]!;
        near(prefixVariance(tree, levels, i), variance);
      });
    });
  }
  test('what is consistent stays as it is, and one variance stands for all levels', () => {
    const tree = dyadicTree(4);
    const exact = Array.from(dyadicCounts(tree, BigInt64Array.of(5n, 1n, 0n, 2n)), Number);
    deepEqual(Array.from(consistentLeaves(tree, exact, 7)), [5, 1, 0, 2]);
    const noised = [3, 4, 5, 6, 1, 2, 9];
    deepEqual(consistentLeaves(tree, noised, 7), consistentLeaves(tree, noised, [7, 7, 7]));
  });
  test('is better than the leaves alone: half of 256 leaves has less than a tenth of their noise', () => {
    ok(prefixVariance(dyadicTree(256), 1, 127) < 12.8);
  });
});

test('refusals', () => {
  for (const bad of [0, -1, 1.5, Number.NaN, 2 ** 20 + 1]) throws(() => dyadicTree(bad), invalid);
  const tree = dyadicTree(4);
  for (const leaf of [-1, 4, 0.5]) {
    throws(() => pathOf(tree, leaf), invalid);
    throws(() => prefixVariance(tree, 1, leaf), invalid);
  }
  throws(() => dyadicSensitivity(tree, 0), invalid);
  throws(() => dyadicCounts(tree, new BigInt64Array(3)), invalid);
  throws(() => consistentLeaves(tree, [1, 2], 1), invalid);
  for (const bad of [0, -1, Number.NaN, [1, 2]] as const) {
    throws(() => consistentLeaves(tree, Array<number>(7).fill(0), bad), invalid);
  }
});
