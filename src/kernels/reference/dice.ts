/** The specification of wasm/dice, in code: bit by bit, the oracle of its tests. @module */

const BYTES = 128;

function ones(byte: number): number {
  let count = 0;
  for (let bit = 0; bit < 8; bit++) count += (byte >>> bit) & 1;
  return count;
}

/** Row i has the number of bits that query i shares with each encoding of the list. */
export function overlaps(queries: Uint8Array, list: Uint8Array): Uint16Array {
  const [m, n] = [queries.length / BYTES, list.length / BYTES];
  const out = new Uint16Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < BYTES; k++) {
        sum += ones((queries[i * BYTES + k] ?? 0) & (list[j * BYTES + k] ?? 0));
      }
      out[i * n + j] = sum;
    }
  }
  return out;
}
