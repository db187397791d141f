/**
 * The compression function of BLAKE2s (RFC 7693 section 3.2) on one block of many messages, four at a
 * time, one in each lane, all from the same state.
 *
 * Memory   `m` is room for 16 vectors, `sigma` the ten permutations of RFC 7693 section 2.7 as 160
 *          addresses of these. A message takes 16 or 64 bytes, zero-padded; n is a multiple of 4.
 * Timing   messages decide neither branches nor addresses; their lengths enter as values, and in
 *          `blake2s_spread` as distances.
 */

// @ts-ignore: decorator
@inline
function right16(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

// @ts-ignore: decorator
@inline
function right8(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

// @ts-ignore: decorator
@inline
function right(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by));
}

// @ts-ignore: decorator
@inline
function sum(a: v128, b: v128, word: usize): v128 {
  return i32x4.add(i32x4.add(a, b), v128.load(load<u32>(word)));
}

// Words 4k to 4k + 3 of four messages become vectors 4k to 4k + 3 of m.
// @ts-ignore: decorator
@inline
function transpose(at: usize, stride: usize, m: usize): void {
  const r0 = v128.load(at);
  const r1 = v128.load(at + stride);
  const r2 = v128.load(at + 2 * stride);
  const r3 = v128.load(at + 3 * stride);
  const s0 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
  const s1 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
  const s2 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
  const s3 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
  v128.store(m, v128.shuffle<u64>(s0, s1, 0, 2));
  v128.store(m, v128.shuffle<u64>(s0, s1, 1, 3), 16);
  v128.store(m, v128.shuffle<u64>(s2, s3, 0, 2), 32);
  v128.store(m, v128.shuffle<u64>(s2, s3, 1, 3), 48);
}

// The inverse, for four words of the digests.
// @ts-ignore: decorator
@inline
function emit(a: v128, b: v128, c: v128, d: v128, at: usize, stride: usize): void {
  const s0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const s1 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const s2 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const s3 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(at, v128.shuffle<u64>(s0, s1, 0, 2));
  v128.store(at + stride, v128.shuffle<u64>(s0, s1, 1, 3));
  v128.store(at + 2 * stride, v128.shuffle<u64>(s2, s3, 0, 2));
  v128.store(at + 3 * stride, v128.shuffle<u64>(s2, s3, 1, 3));
}

/**
 * out[i] = the first `outBytes` (16 or 32) bytes of the state after block i, from the eight words at
 * `state`. `lengths` holds n words: the bytes hashed so far, this block included. `final` is all
 * ones for the last block of its message, else 0.
 */
export function blake2s_compress(
  state: usize, sigma: usize, m: usize, input: usize, stride: usize, lengths: usize, n: u32,
  final: u32, out: usize, outBytes: usize,
): void {
  const h0 = v128.load32_splat(state);
  const h1 = v128.load32_splat(state, 4);
  const h2 = v128.load32_splat(state, 8);
  const h3 = v128.load32_splat(state, 12);
  const h4 = v128.load32_splat(state, 16);
  const h5 = v128.load32_splat(state, 20);
  const h6 = v128.load32_splat(state, 24);
  const h7 = v128.load32_splat(state, 28);
  for (let k: usize = 0; k < 256; k += 16) v128.store(m + k, i32x4.splat(0));
  for (let i: u32 = 0; i < n; i += 4) {
    for (let k: usize = 0; k < stride; k += 16) transpose(input + k, stride, m + (k << 2));
    input += stride << 2;
    let v0 = h0, v1 = h1, v2 = h2, v3 = h3, v4 = h4, v5 = h5, v6 = h6, v7 = h7;
    let v8 = i32x4.splat(0x6a09e667);
    let v9 = i32x4.splat(0xbb67ae85);
    let va = i32x4.splat(0x3c6ef372);
    let vb = i32x4.splat(0xa54ff53a);
    let vc = v128.xor(i32x4.splat(0x510e527f), v128.load(lengths));
    let vd = i32x4.splat(0x9b05688c);
    let ve = i32x4.splat(0x1f83d9ab ^ final);
    let vf = i32x4.splat(0x5be0cd19);
    lengths += 16;
    for (let s = sigma; s < sigma + 640; s += 64) {
      v0 = sum(v0, v4, s);
      v1 = sum(v1, v5, s + 8);
      v2 = sum(v2, v6, s + 16);
      v3 = sum(v3, v7, s + 24);
      vc = right16(v128.xor(vc, v0));
      vd = right16(v128.xor(vd, v1));
      ve = right16(v128.xor(ve, v2));
      vf = right16(v128.xor(vf, v3));
      v8 = i32x4.add(v8, vc);
      v9 = i32x4.add(v9, vd);
      va = i32x4.add(va, ve);
      vb = i32x4.add(vb, vf);
      v4 = right(v128.xor(v4, v8), 12);
      v5 = right(v128.xor(v5, v9), 12);
      v6 = right(v128.xor(v6, va), 12);
      v7 = right(v128.xor(v7, vb), 12);
      v0 = sum(v0, v4, s + 4);
      v1 = sum(v1, v5, s + 12);
      v2 = sum(v2, v6, s + 20);
      v3 = sum(v3, v7, s + 28);
      vc = right8(v128.xor(vc, v0));
      vd = right8(v128.xor(vd, v1));
      ve = right8(v128.xor(ve, v2));
      vf = right8(v128.xor(vf, v3));
      v8 = i32x4.add(v8, vc);
      v9 = i32x4.add(v9, vd);
      va = i32x4.add(va, ve);
      vb = i32x4.add(vb, vf);
      v4 = right(v128.xor(v4, v8), 7);
      v5 = right(v128.xor(v5, v9), 7);
      v6 = right(v128.xor(v6, va), 7);
      v7 = right(v128.xor(v7, vb), 7);

      v0 = sum(v0, v5, s + 32);
      v1 = sum(v1, v6, s + 40);
      v2 = sum(v2, v7, s + 48);
      v3 = sum(v3, v4, s + 56);
      vf = right16(v128.xor(vf, v0));
      vc = right16(v128.xor(vc, v1));
      vd = right16(v128.xor(vd, v2));
      ve = right16(v128.xor(ve, v3));
      va = i32x4.add(va, vf);
      vb = i32x4.add(vb, vc);
      v8 = i32x4.add(v8, vd);
      v9 = i32x4.add(v9, ve);
      v5 = right(v128.xor(v5, va), 12);
      v6 = right(v128.xor(v6, vb), 12);
      v7 = right(v128.xor(v7, v8), 12);
      v4 = right(v128.xor(v4, v9), 12);
      v0 = sum(v0, v5, s + 36);
      v1 = sum(v1, v6, s + 44);
      v2 = sum(v2, v7, s + 52);
      v3 = sum(v3, v4, s + 60);
      vf = right8(v128.xor(vf, v0));
      vc = right8(v128.xor(vc, v1));
      vd = right8(v128.xor(vd, v2));
      ve = right8(v128.xor(ve, v3));
      va = i32x4.add(va, vf);
      vb = i32x4.add(vb, vc);
      v8 = i32x4.add(v8, vd);
      v9 = i32x4.add(v9, ve);
      v5 = right(v128.xor(v5, va), 7);
      v6 = right(v128.xor(v6, vb), 7);
      v7 = right(v128.xor(v7, v8), 7);
      v4 = right(v128.xor(v4, v9), 7);
    }
    emit(
      v128.xor(h0, v128.xor(v0, v8)), v128.xor(h1, v128.xor(v1, v9)),
      v128.xor(h2, v128.xor(v2, va)), v128.xor(h3, v128.xor(v3, vb)), out, outBytes,
    );
    if (outBytes == 32) {
      emit(
        v128.xor(h4, v128.xor(v4, vc)), v128.xor(h5, v128.xor(v5, vd)),
        v128.xor(h6, v128.xor(v6, ve)), v128.xor(h7, v128.xor(v7, vf)), out + 16, 32,
      );
    }
    out += outBytes << 2;
  }
}

/**
 * Messages of lengths[i] ≤ 64 bytes, one behind the other, into blocks of 64 bytes, zero-padded. Up to 64
 * bytes behind the last one are read.
 */
export function blake2s_spread(packed: usize, lengths: usize, n: u32, blocks: usize): void {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (let i: u32 = 0; i < n; i++) {
    const length = load<u32>(lengths);
    const size = i8x16.splat(<i8>length);
    for (let k: u32 = 0; k < 64; k += 16) {
      const keep = i8x16.gt_s(size, i8x16.add(places, i8x16.splat(<i8>k)));
      v128.store(blocks + k, v128.and(v128.load(packed + k), keep));
    }
    packed += length;
    lengths += 4;
    blocks += 64;
  }
}
