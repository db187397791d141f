/** The two steps of the code on bigints: the oracle of the kernel's tests. */
import { multiply } from './gf128.ts';

const wordAt = (bytes: Uint8Array, i: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 * i, true);

/** v[i] += x v[i-1] + Σ v[i-2-j] over the bits j < 24 of word i of `taps`, in order. */
export function convolve(vector: readonly bigint[], taps: Uint8Array): bigint[] {
  const v = [...vector];
  v.forEach((value, i) => {
    let sum = value ^ multiply(v[i - 1] ?? 0n, 2n);
    for (let j = 0; j < 24; j += 1) {
      if (((wordAt(taps, i) >>> j) & 1) === 1) sum ^= v[i - 2 - j] ?? 0n;
    }
    v[i] = sum;
  });
  return v;
}

/** The place in a vector of `length` that word `w` names in the k-th of `weight` segments. */
export function place(length: number, weight: number, k: number, w: number): number {
  const start = Math.floor((k * length) / weight);
  const size = Math.floor(((k + 1) * length) / weight) - start;
  return start + Number((BigInt(w) * BigInt(size)) >> 32n);
}

/** sums[i] + Σ_k v[place(k, word i of words[k])]. */
export function expand(
  sums: readonly bigint[],
  vector: readonly bigint[],
  words: readonly Uint8Array[],
): bigint[] {
  return sums.map((sum, i) =>
    words.reduce(
      (total, part, k) =>
        total ^ (vector[place(vector.length, words.length, k, wordAt(part, i))] as bigint),
      sum,
    ),
  );
}
