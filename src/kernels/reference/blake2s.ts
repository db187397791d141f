/** BLAKE2s of one message of at most 64 bytes, from RFC 7693: the oracle of the kernel's tests. */

const IV = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** The words of the eight mixings of a round: four columns, then four diagonals. */
const LANES = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

type Word = 0 | 1 | 2 | 3;
const right = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** Section 3.1 on the words `lane` of v. */
function mix(v: number[], lane: readonly number[], x: number, y: number): void {
  const get = (k: Word): number => v[lane[k] as number] as number;
  const set = (k: Word, value: number): void => {
    v[lane[k] as number] = value | 0;
  };
  set(0, get(0) + get(1) + x);
  set(3, right(get(3) ^ get(0), 16));
  set(2, get(2) + get(3));
  set(1, right(get(1) ^ get(2), 12));
  set(0, get(0) + get(1) + y);
  set(3, right(get(3) ^ get(0), 8));
  set(2, get(2) + get(3));
  set(1, right(get(1) ^ get(2), 7));
}

/** Section 3.2. */
function compress(h: readonly number[], block: Uint8Array, counted: number, last: boolean) {
  const padded = new Uint8Array(64);
  padded.set(block);
  const m = [...new Uint32Array(padded.buffer)];
  const v = [...h, ...IV];
  v[12] = (v[12] as number) ^ counted;
  if (last) v[14] = ~(v[14] as number);
  for (const sigma of SIGMA) {
    LANES.forEach((lane, k) => {
      mix(v, lane, m[sigma[2 * k] as number] as number, m[sigma[2 * k + 1] as number] as number);
    });
  }
  return h.map((word, i) => word ^ (v[i] as number) ^ (v[i + 8] as number));
}

export function blake2s(
  message: Uint8Array,
  digestBytes: number,
  person: string,
  key: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const personal = new Uint32Array(new TextEncoder().encode(person).buffer);
  let h = [...IV];
  h[0] = (h[0] as number) ^ 0x01010000 ^ (key.length << 8) ^ digestBytes;
  h[6] = (h[6] as number) ^ (personal[0] as number);
  h[7] = (h[7] as number) ^ (personal[1] as number);
  const prefix = key.length === 0 ? 0 : 64;
  if (prefix > 0) h = compress(h, key, prefix, false);
  h = compress(h, message, prefix + message.length, true);
  return new Uint8Array(Int32Array.from(h).buffer).slice(0, digestBytes);
}
