/** Distributions from a key stream of little-endian words. */

/**
 * Continues out[filled..n) with residues below q: the low bits of each word, rejected where they are
 * not below q. Reads `tries` words, a multiple of 4; returns how many residues are there, at most n.
 */
export function rlwe_uniform(
  stream: usize, tries: u32, out: usize, filled: u32, n: u32, q: u32, mask: u32,
): u32 {
  const vq = i32x4.splat(q);
  const vmask = i32x4.splat(mask);
  const last = out + (<usize>n << 2);
  let at = out + (<usize>filled << 2);
  for (const end = stream + (<usize>tries << 2); stream < end; stream += 16) {
    const drawn = v128.and(v128.load(stream), vmask);
    if (at + 16 <= last && i32x4.all_true(i32x4.lt_u(drawn, vq))) {
      v128.store(at, drawn);
      at += 16;
      continue;
    }
    for (let lane: usize = 0; lane < 16 && at < last; lane += 4) {
      const residue = load<u32>(stream + lane) & mask;
      store<u32>(at, residue);
      if (residue < q) at += 4;
    }
  }
  return <u32>((at - out) >> 2);
}

/**
 * Continues out[filled..n) with 0, 1 and -1 from pairs of bits 00, 01 and 10; 11 is rejected.
 * Writes one word behind out[n). Returns how many are there, at most n.
 */
export function rlwe_ternary(stream: usize, bytes: u32, out: usize, filled: u32, n: u32): u32 {
  const last = out + (<usize>n << 2);
  let at = out + (<usize>filled << 2);
  for (const end = stream + <usize>bytes; stream < end; ++stream) {
    let pairs = <u32>load<u8>(stream);
    for (let k = 0; k < 4; ++k) {
      store<i32>(at, <i32>(pairs & 1) - <i32>((pairs >> 1) & 1));
const kept = ((pairs & (pairs >> 1) & 1) ^ 1) & <u32>(at < last);
      at += <usize>kept << 2;
      pairs >>= 2;
    }
  }
  return <u32>((at - out) >> 2);
}

// @ts-ignore: decorator
@inline
function ones(words: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(words)));
}

/** out[j] = ones(word 2j) - ones(word 2j + 1) over the bits of `mask`, as signed words. */
export function rlwe_binomial(stream: usize, out: usize, n: u32, mask: u32): void {
  const vmask = i32x4.splat(mask);
  for (const end = out + (<usize>n << 2); out < end; out += 16) {
    const a = ones(v128.and(v128.load(stream), vmask));
    const b = ones(v128.and(v128.load(stream, 16), vmask));
    const plus = v128.shuffle<u32>(a, b, 0, 2, 4, 6);
    const minus = v128.shuffle<u32>(a, b, 1, 3, 5, 7);
    v128.store(out, i32x4.sub(plus, minus));
    stream += 32;
  }
}

/**
 * low[j] + 2^32 high[j] = the sum of the 64-bit words 8j..8j+7, each cut to the bits of `mask`, which
 * are 61 at most.
 */
export function rlwe_smudge(stream: usize, low: usize, high: usize, n: u32, mask: u64): void {
  const vmask = i64x2.splat(mask);
  for (const end = low + (<usize>n << 2); low < end; low += 4) {
    const a = i64x2.add(
      v128.and(v128.load(stream), vmask), v128.and(v128.load(stream, 16), vmask));
    const b = i64x2.add(
      v128.and(v128.load(stream, 32), vmask), v128.and(v128.load(stream, 48), vmask));
    const pair = i64x2.add(a, b);
    const sum = i64x2.extract_lane(pair, 0) + i64x2.extract_lane(pair, 1);
    store<u32>(low, <u32>sum);
    store<u32>(high, <u32>(sum >> 32));
    high += 4;
    stream += 64;
  }
}
