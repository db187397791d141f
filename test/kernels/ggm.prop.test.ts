/** Trees: the kernel equals its twin, whole and punctured, also where leaves are no power of two. */
import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { GgmForest } from '../../src/kernels/ggm.ts';
import { sides, tree } from '../../src/kernels/reference/ggm.ts';

const forest = fc
  .record({ trees: fc.integer({ min: 1, max: 4 }), leaves: fc.integer({ min: 2, max: 37 }) })
  .chain(({ trees, leaves }) =>
    fc.record({
      leaves: fc.constant(leaves),
      seeds: fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), {
        minLength: trees,
        maxLength: trees,
      }),
      punctures: fc.array(fc.nat({ max: leaves - 1 }), { minLength: trees, maxLength: trees }),
    }),
  );

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((x, i) => x ^ b[i]!);

test('ggm: whole and punctured trees equal the twin', () => {
  fc.assert(
    fc.property(forest, ({ leaves, seeds, punctures }) => {
      const twin = seeds.map((seed) => tree(seed, leaves));
      const height = twin[0]!.length - 1;
      using kernel = new GgmForest(seeds.length, leaves);
      const levels: Uint8Array[] = [];
      const whole = kernel.whole(concat(...seeds), (_, sums) => levels.push(sums));
      deepStrictEqual(whole.leaves, concat(...twin.flatMap((levels) => levels[height]!)));
      const expected = Array.from({ length: height }, (_, l) =>
        concat(...twin.flatMap((levels) => sides(levels[l + 1]!))),
      );
      deepStrictEqual(levels, expected);
      const totals = concat(...twin.map((levels) => xor(...sides(levels[height]!))));
      deepStrictEqual(whole.sums, totals);

      // What the holder of a punctured tree is given: at each level the side off the path.
      const known = expected.map((sums, l) =>
        concat(
          ...punctures.map((at, t) => {
            const side = ((at >>> (height - l - 1)) & 1) ^ 1;
            return sums.slice(32 * t + 16 * side, 32 * t + 16 * side + 16);
          }),
        ),
      );
      const at = Uint32Array.from(punctures);
      const holed = whole.leaves.slice();
      punctures.forEach((p, t) => holed.fill(0, 16 * (t * leaves + p), 16 * (t * leaves + p + 1)));
      deepStrictEqual(kernel.punctured(at, known).leaves, holed);
      const filled = kernel.punctured(at, known, totals);
      deepStrictEqual(filled.leaves, concat(...twin.flatMap((levels) => levels[height]!)));
      deepStrictEqual(filled.sums, totals);
    }),
    { numRuns: 60 },
  );
});
