/** Similar pairs against every pair by hand, and what the two assignments promise. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { shake128 } from '../../../src/base/hash.ts';
import { Rational } from '../../../src/base/rational.ts';
import { ENCODING_BYTES } from '../../../src/kernels/dice.ts';
import { greedy, mutual } from '../../../src/linkage/bloom/assign.ts';
import { type Candidate, similarPairs } from '../../../src/linkage/bloom/similarity.ts';
import { refusal } from '../../support/refusal.ts';
import { sharedData } from '../../support/shared-data.ts';

const bits = (bytes: Uint8Array): number =>
  bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
const one = (list: Uint8Array, i: number): Uint8Array =>
  list.subarray(i * ENCODING_BYTES, (i + 1) * ENCODING_BYTES);

function twin(left: Uint8Array, right: Uint8Array, threshold: Rational): Candidate[] {
  const found: Candidate[] = [];
  for (let i = 0; i < left.length / ENCODING_BYTES; i++) {
    for (let j = 0; j < right.length / ENCODING_BYTES; j++) {
      const [a, b] = [one(left, i), one(right, j)];
      const twice = 2 * bits(a.map((byte, k) => byte & b[k]!));
      const total = bits(a) + bits(b);
      if (total > 0 && threshold.atMost(Rational.of(twice, total)))
        found.push({ left: i, right: j, twice, total });
    }
  }
  return found;
}

describe('similarPairs', () => {
  test('equals every pair by hand, at thresholds that pairs just reach', () => {
    const list = fc.nat({ max: 6 }).chain((n) =>
      fc.array(fc.constantFrom(0, 1, 3, 0x55, 0x7f, 0xff), {
        minLength: n * ENCODING_BYTES,
        maxLength: n * ENCODING_BYTES,
      }),
    );
    const threshold = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 12 }))
      .map(([n, more]) => Rational.of(n, n + more));
    fc.assert(
      fc.property(list, list, threshold, (left, right, least) => {
        const [a, b] = [Uint8Array.from(left), Uint8Array.from(right)];
        deepStrictEqual(similarPairs(a, b, least), twin(a, b, least));
      }),
      { numRuns: 60 },
    );
  });

  test('over the edges of tiles: each encoding finds itself', () => {
    const n = 1030;
    const list = shake128(utf8('edges'), n * ENCODING_BYTES);
    const pairs = similarPairs(list, list, Rational.ONE).map(({ left, right }) => [left, right]);
    deepStrictEqual(
      pairs.sort((x, y) => x[0]! - y[0]!),
      Array.from({ length: n }, (_, i) => [i, i]),
    );
  });

  test('empty encodings are like nobody, not like each other', () => {
    const empty = new Uint8Array(2 * ENCODING_BYTES);
    deepStrictEqual(similarPairs(empty, empty, Rational.of(1n, 1000n)), []);
    deepStrictEqual(similarPairs(new Uint8Array(0), empty, Rational.ONE), []);
  });

  test.each([Rational.ZERO, Rational.of(-1n, 2n), Rational.of(3n, 2n)])(
    'threshold %s is refused',
    (threshold) => {
      const empty = new Uint8Array(0);
      throws(() => similarPairs(empty, empty, threshold), refusal('INVALID_PARAMETER'));
    },
  );
});

const candidate = fc.record({
  left: fc.nat({ max: 5 }),
  right: fc.nat({ max: 5 }),
  twice: fc.integer({ min: 1, max: 12 }),
  total: fc.integer({ min: 12, max: 16 }),
});
const candidates = fc.uniqueArray(candidate, {
  selector: (c) => `${c.left} ${c.right}`,
  maxLength: 20,
});

test('greedy: at most one pair each, maximal, blind to the order of candidates', () => {
  fc.assert(
    fc.property(candidates, (list) => {
      const matches = greedy(list);
      for (const side of [0, 1] as const)
        equal(new Set(matches.map((match) => match[side])).size, matches.length);
      deepStrictEqual(greedy([...list].reverse()), matches);
      const used = (c: Candidate): boolean =>
        matches.some(([a, b]) => a === c.left || b === c.right);
      ok(list.every(used));
      const best = [...list].sort((x, y) => y.twice / y.total - x.twice / x.total)[0];
      if (best === undefined) return;
      const value = best.twice / best.total;
      ok(
        list.some(
          (c) =>
            c.twice / c.total === value && matches.some(([a, b]) => a === c.left && b === c.right),
        ),
      );
    }),
  );
});

test('mutual: each is the single best of the other, and greedy has these pairs too', () => {
  fc.assert(
    fc.property(candidates, (list) => {
      const matches = mutual(list);
      const all = greedy(list).map(String);
      for (const [a, b] of matches) {
        ok(all.includes(String([a, b])));
        const value = (c: Candidate): number => c.twice / c.total;
        const own = list.find((c) => c.left === a && c.right === b)!;
        ok(
          list.every((c) => c === own || (c.left !== a && c.right !== b) || value(c) < value(own)),
        );
      }
    }),
  );
});

const files = ['clks-1', 'clks-2', 'ground-truth'].map((name) =>
  sharedData(`clk/anonlink_example_${name}.json`),
);
test.skipIf(files.includes(undefined))(
  "anonlink's example: 3,313 and 3,266 encodings, 1,445 true pairs",
  () => {
    const read = (i: number): unknown => JSON.parse(readFileSync(files[i]!, 'utf8'));
    const clks = (i: number): Uint8Array => {
      const { clks: list } = read(i) as { readonly clks: readonly string[] };
      return new Uint8Array(Buffer.concat(list.map((text) => Buffer.from(text, 'base64'))));
    };
    const truth = new Set((read(2) as [number, number][]).map(String));
    const matches = mutual(similarPairs(clks(0), clks(1), Rational.of(4n, 5n)));
    const correct = matches.filter((pair) => truth.has(String(pair))).length;
    console.log(
      `anonlink example, threshold 4/5: precision ${(correct / matches.length).toFixed(4)}, recall ${(correct / truth.size).toFixed(4)}`,
    );
    ok(correct / matches.length > 0.95 && correct / truth.size > 0.95);
  },
);
