/**
 * Groups of trees (noise-trees.ts) as batches of one item. Leaves go to `at` in the memory of the code, where no other batch
 * under way has any.
 *
 *     vole-grow     [seeds, both pads, shares]               → the group's message
 *     vole-regrow   [positions, pads, shares, message]       → nothing
 *
 * Inputs but the message are secret.
 * @module
 */
import type { BatchHandler } from '../../base/batches.ts';
import type { Cbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import { GgmForest } from '../../kernels/ggm.ts';
import { inputOf, numberOf } from '../threads.ts';
import { groupMessageBytes, growGroup, type GroupInputs, regrowGroup } from './noise-trees.ts';

const WORD = 16;

let last: GgmForest | undefined;

/** Setting up takes as long as the trees of a group: the last forest is kept, and wiped after each use. */
function forestOf(params: Cbor): GgmForest {
  const [group, leaves] = [numberOf(params, 'group'), numberOf(params, 'leaves')];
  if (last?.trees !== group || last.widths.at(-1) !== leaves) last = new GgmForest(group, leaves);
  return last;
}

function groupInputs(
  inputs: readonly Uint8Array[],
  { trees: group, height }: GgmForest,
  sizes: (group: number, height: number) => readonly number[],
): GroupInputs {
  const [a = 0, b = 0, c = 0, d = 0] = sizes(group, height);
  return [
    inputOf(inputs, 0, a),
    inputOf(inputs, 1, b),
    inputOf(inputs, 2, c),
    inputOf(inputs, 3, d),
  ];
}

function place(leaves: Uint8Array, params: Cbor, memory: WebAssembly.Memory | undefined): void {
  check(memory !== undefined, 'INVALID_PARAMETER', 'no memory of a code');
  new Uint8Array(memory.buffer).set(leaves, numberOf(params, 'at'));
}

const grow: BatchHandler = {
  size: (params) => {
    const { trees, height } = forestOf(params);
    return { items: 1, itemBytes: groupMessageBytes(trees, height) };
  },
  fill: (inputs, params, out, _from, _to, memory) => {
    using forest = forestOf(params);
    const given = groupInputs(inputs, forest, (group, height) => [
      ...[group * WORD, group * height * WORD, group * height * WORD, group * WORD],
    ]);
    place(growGroup(given, forest, out), params, memory);
  },
};

const regrow: BatchHandler = {
  size: () => ({ items: 1, itemBytes: 0 }),
  fill: (inputs, params, _out, _from, _to, memory) => {
    using forest = forestOf(params);
    const given = groupInputs(inputs, forest, (group, height) => [
      ...[4 * group, group * height * WORD, group * WORD],
      groupMessageBytes(group, height),
    ]);
    place(regrowGroup(given, forest), params, memory);
  },
};

export const TREE_BATCHES = { 'vole-grow': grow, 'vole-regrow': regrow } as const;
