/** One bin of the key-value store: n rows encoded to columns, and decoded; the twin does the same on bigint. */
import { deepStrictEqual } from 'node:assert/strict';
import { OkvsBin, OkvsBins, ROW_BYTES } from '../../src/kernels/okvs.ts';
import { elements } from '../../src/kernels/reference/gf128.ts';
import { decode, encode, place, type Row } from '../../src/kernels/reference/okvs.ts';
import { defineCase } from '../case.ts';
import { fixedBytes } from '../fixed-bytes.ts';

type Input = {
  readonly bin: OkvsBin;
  readonly rows: Uint8Array;
  readonly twin: readonly Row[];
  readonly sparse: number;
};

const wasm = ({ bin, rows }: Input): Uint8Array => {
  const columns = bin.encode(rows);
  if (columns === undefined) throw new Error('not encoded');
  return bin.decode(rows, columns);
};
const twin = ({ twin: rows, sparse }: Input): bigint[] => {
  const columns = encode(rows, sparse);
  if (columns === undefined) throw new Error('not encoded');
  return rows.map((row) => decode(row, columns, sparse));
};

export default defineCase<Input>({
  name: 'kernel/okvs',
  timed: 'n hashed rows of a bin encoded to columns and decoded again. Size: n.',
  sizes: [4096],
  unit: 'ms',
  setup: (n) => {
    const hashes = fixedBytes(ROW_BYTES * n, 5);
    const sparse = Math.ceil(1.4 * n);
    const capacity = n;
    const bins = new OkvsBins(1, { sparse, capacity });
    if (!bins.add(hashes)) throw new Error('a full bin');
    const rows = Array.from(
      { length: n },
      (_, i) => place(hashes.slice(ROW_BYTES * i, ROW_BYTES * (i + 1)), i, 1, sparse).row,
    );
    return { bin: new OkvsBin({ sparse, capacity }), rows: bins.rows(0), twin: rows, sparse };
  },
  check: (input) => {
    deepStrictEqual(twin(input), elements(wasm(input)));
  },
  contenders: { wasm, twin },
  teardown: ({ bin }) => {
    bin[Symbol.dispose]();
  },
  gate: { contender: 'wasm', against: 'twin', atLeast: 10 },
});
