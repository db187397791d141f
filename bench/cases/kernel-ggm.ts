/** 64 trees from seeds to n leaves each with the sums of every level; the twin encrypts node by node. */
import { deepStrictEqual } from 'node:assert/strict';
import { concat } from '../../src/base/bytes.ts';
import { GgmForest } from '../../src/kernels/ggm.ts';
import { tree } from '../../src/kernels/reference/ggm.ts';
import { defineCase } from '../case.ts';
import { fixedBytes } from '../fixed-bytes.ts';

const TREES = 64;
const SEED = 16;

type Input = { readonly forest: GgmForest; readonly leaves: number; readonly seeds: Uint8Array };

const wasm = ({ forest, seeds }: Input): Uint8Array => forest.whole(seeds, () => {}).leaves;
const twin = ({ leaves, seeds }: Input): Uint8Array =>
  concat(
    ...Array.from({ length: TREES }, (_, t) =>
      concat(...(tree(seeds.subarray(SEED * t, SEED * (t + 1)), leaves).at(-1) ?? [])),
    ),
  );

export default defineCase<Input>({
  name: 'kernel/ggm',
  timed: '64 trees expanded from their seeds. Size: leaves of a tree.',
  sizes: [256],
  unit: 'ms',
  setup: (leaves) => ({
    forest: new GgmForest(TREES, leaves),
    leaves,
    seeds: fixedBytes(SEED * TREES, 4),
  }),
  check: (input) => {
    deepStrictEqual(twin(input), wasm(input).slice());
  },
  contenders: { wasm, twin },
  teardown: ({ forest }) => {
    forest[Symbol.dispose]();
  },
  gate: { contender: 'wasm', against: 'twin', atLeast: 4 },
});
