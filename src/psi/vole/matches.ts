/** What the receiver makes of its outputs: keys as short as masks, and the rows that were found. @module */

/** In place: only the first `width` of 16 bytes are left of each output. */
export function truncate(outputs: Uint32Array, width: number): void {
  const keep = new Uint8Array(16).fill(0xff, 0, width);
  const masks = new Uint32Array(keep.buffer);
  for (let i = 0; i < outputs.length; i += 1) {
    outputs[i] = (outputs[i] as number) & (masks[i & 3] as number);
  }
}

/** The rows whose flag is 1. */
export function chosen(rows: Uint32Array, flags: Uint8Array): Uint32Array {
  const out = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i += 1) {
    if (flags[i] === 1) out[count++] = rows[i] as number;
  }
  return out.slice(0, count);
}
