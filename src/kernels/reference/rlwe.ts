/**
 * The specification of wasm/rlwe, in code: each step by its definition, on one limb, with bigint where
 * a product does not fit. Variable time; an oracle for tests, never for a secret.
 * @module
 */

const mod = (x: bigint, m: bigint): bigint => ((x % m) + m) % m;

/** The residues that `words` yield: low bits of each word, those below q, at most `most`. */
export function uniform(words: Uint32Array, q: number, most: number): Uint32Array {
  const mask = 2 ** (32 - Math.clz32(q)) - 1;
  return words
    .map((word) => word & mask)
    .filter((residue) => residue < q)
    .slice(0, most);
}

/** 0, 1 and −1 for the pairs of bits 00, 01 and 10, from low to high; 11 is left out. */
export const ternary = (bytes: Uint8Array, most: number): Int32Array =>
  Int32Array.from(
    [...bytes]
      .flatMap((byte) => [0, 2, 4, 6].map((shift) => (byte >> shift) & 3))
      .filter((code) => code !== 3)
      .map((code) => (code === 2 ? -1 : code))
      .slice(0, most),
  );

const ones = (word: number): number =>
  Array.from({ length: 32 }, (_, bit) => (word >>> bit) & 1).reduce((sum, bit) => sum + bit, 0);

/** popcount(even word) − popcount(odd word), over eta bits. */
export function binomial(words: Uint32Array, eta: number): Int32Array {
  const cut = (index: number): number => ones(((words[index] ?? 0) & (2 ** eta - 1)) >>> 0);
  return Int32Array.from({ length: words.length / 2 }, (_, j) => cut(2 * j) - cut(2 * j + 1));
}

/** Sums of eight words each, cut to `bits` bits. */
export const smudge = (words: BigUint64Array, bits: number): bigint[] =>
  Array.from({ length: words.length / 8 }, (_, j) =>
    words.subarray(8 * j, 8 * j + 8).reduce((sum, word) => sum + BigInt.asUintN(bits, word), 0n),
  );

/** x + terms mod q for integers of any sign and size. */
export const addIntegers = (x: Uint32Array, terms: readonly bigint[], q: number): Uint32Array =>
  x.map((residue, j) => Number(mod(BigInt(residue) + (terms[j] ?? 0n), BigInt(q))));

/** The words of an encoding: (q m + floor(t/2)) mod t. */
export const encode = (slots: readonly bigint[], q: bigint, t: bigint): bigint[] =>
  slots.map((m) => mod(q * m + t / 2n, t));

/** round(t x / q) mod t in [−t/2, t/2), halves up, for the integer x = X mod q. */
export function decode(x: readonly bigint[], q: bigint, t: bigint): bigint[] {
  return x.map((value) => {
    const rounded = mod((2n * t * mod(value, q) + q) / (2n * q), t);
    return 2n * rounded >= t ? rounded - t : rounded;
  });
}

/** Residue j at bits [j b, (j + 1) b), little endian. */
export function pack(residues: Uint32Array, bits: number): Uint8Array {
  const out = new Uint8Array((residues.length * bits) / 8);
  residues.forEach((residue, j) => {
    for (let b = 0; b < bits; b++) {
      const at = j * bits + b;
      out[at >> 3] = (out[at >> 3] ?? 0) | (((residue >>> b) & 1) << (at & 7));
    }
  });
  return out;
}

/** The inverse, or undefined where a residue is not below q. */
export function unpack(bytes: Uint8Array, bits: number, q: number): Uint32Array | undefined {
  const out = new Uint32Array((8 * bytes.length) / bits);
  for (let at = 0; at < 8 * bytes.length; at++) {
    const bit = ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
    const j = Math.floor(at / bits);
    out[j] = (out[j] ?? 0) | (bit << (at % bits));
  }
  return out.every((residue) => residue < q) ? out : undefined;
}
