/** A table of n keys of 16 bytes probed by n others, half of them there; against a Set of strings. */
import { deepStrictEqual } from 'node:assert/strict';
import { KEY_BYTES, MatchTable } from '../../src/kernels/match-table.ts';
import { defineCase } from '../case.ts';
import { fixedBytes } from '../fixed-bytes.ts';

type Input = { readonly keys: Uint8Array; readonly probes: Uint8Array };

function wasm({ keys, probes }: Input): Uint8Array {
  using table = new MatchTable(keys);
  table.find(probes, KEY_BYTES);
  return table.found.slice();
}

const textAt = (bytes: Uint8Array, i: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + KEY_BYTES * i, KEY_BYTES).toString('latin1');

/** 1 for each key that some probe equals: what plain JavaScript does best. */
function javascript({ keys, probes }: Input): Uint8Array {
  const asked = new Set<string>();
  for (let i = 0; i < probes.length / KEY_BYTES; i += 1) asked.add(textAt(probes, i));
  return Uint8Array.from({ length: keys.length / KEY_BYTES }, (_, i) =>
    asked.has(textAt(keys, i)) ? 1 : 0,
  );
}

export default defineCase<Input>({
  name: 'kernel/match-table',
  timed: 'A table made of n keys and probed by n. Size: n.',
  sizes: [65_536],
  unit: 'ms',
  setup: (n) => {
    const all = fixedBytes(KEY_BYTES * (n + Math.floor(n / 2)), 9);
    const half = KEY_BYTES * Math.floor(n / 2);
    return { keys: all.slice(0, KEY_BYTES * n), probes: all.slice(half, half + KEY_BYTES * n) };
  },
  check: (input) => {
    deepStrictEqual(javascript(input), wasm(input));
  },
  contenders: { wasm, javascript },
  gate: { contender: 'wasm', against: 'javascript', atLeast: 2 },
});
