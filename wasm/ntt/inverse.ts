/**
 * The inverse transform: Gentleman-Sande, Longa and Naehrig's algorithm 2 (ePrint 2016/504), with
 * lazy butterflies. Between passes every residue is in [0, 2q).
 */
import { below, shoup } from '../shared/lanes';

// Layers n/2 and n/4 of the inverse, on transposed blocks. Inputs in [0, 2q), outputs in [0, 2q).
function inverseFirst(x: usize, end: usize, table: usize, size: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const v4q = i32x4.splat(4 * q);
  let first = table + (size >> 2);
  let second = table + (size >> 1);
  for (; x < end; x += 64) {
    const r0 = v128.load(x);
    const r1 = v128.load(x, 16);
    const r2 = v128.load(x, 32);
    const r3 = v128.load(x, 48);
    const s0 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
    const s1 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
    const s2 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
    const s3 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
    const a = v128.shuffle<u64>(s0, s1, 0, 2);
    const b = v128.shuffle<u64>(s0, s1, 1, 3);
    const c = v128.shuffle<u64>(s2, s3, 0, 2);
    const d = v128.shuffle<u64>(s2, s3, 1, 3);
    const w1 = v128.load(first);
    const c1 = v128.load(first + size);
    const wl = v128.load(second);
    const wh = v128.load(second, 16);
    const cl = v128.load(second + size);
    const ch = v128.load(second + size, 16);
    const w2 = v128.shuffle<u32>(wl, wh, 0, 2, 4, 6);
    const c2 = v128.shuffle<u32>(cl, ch, 0, 2, 4, 6);
    const w3 = v128.shuffle<u32>(wl, wh, 1, 3, 5, 7);
    const c3 = v128.shuffle<u32>(cl, ch, 1, 3, 5, 7);
    first += 16;
    second += 32;
    const a1 = i32x4.add(a, b);
    const b1 = shoup(i32x4.add(i32x4.sub(a, b), v2q), w2, c2, vq);
    const e1 = i32x4.add(c, d);
    const d1 = shoup(i32x4.add(i32x4.sub(c, d), v2q), w3, c3, vq);
    const y0 = below(below(i32x4.add(a1, e1), v4q), v2q);
    const y1 = below(i32x4.add(b1, d1), v2q);
    const y2 = shoup(i32x4.add(i32x4.sub(a1, e1), v4q), w1, c1, vq);
    const y3 = shoup(i32x4.add(i32x4.sub(b1, d1), v2q), w1, c1, vq);
    const z0 = v128.shuffle<u32>(y0, y1, 0, 4, 1, 5);
    const z1 = v128.shuffle<u32>(y2, y3, 0, 4, 1, 5);
    const z2 = v128.shuffle<u32>(y0, y1, 2, 6, 3, 7);
    const z3 = v128.shuffle<u32>(y2, y3, 2, 6, 3, 7);
    v128.store(x, v128.shuffle<u64>(z0, z1, 0, 2));
    v128.store(x, v128.shuffle<u64>(z0, z1, 1, 3), 16);
    v128.store(x, v128.shuffle<u64>(z2, z3, 0, 2), 32);
    v128.store(x, v128.shuffle<u64>(z2, z3, 1, 3), 48);
  }
}

// Layers 2m and m of the inverse. Sums of two reach 4q, of four 8q <= 2^31; outputs are below 2q.
function inversePair(
  x: usize, end: usize, step: usize, table: usize, layer: usize, size: usize, q: u32,
): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const v4q = i32x4.splat(4 * q);
  let second = table + layer;
  while (x < end) {
    const w1 = v128.load32_splat(table);
    const c1 = v128.load32_splat(table + size);
    const w2 = v128.load32_splat(second);
    const c2 = v128.load32_splat(second + size);
    const w3 = v128.load32_splat(second + 4);
    const c3 = v128.load32_splat(second + 4 + size);
    table += 4;
    second += 8;
    const stop = x + step;
    for (; x < stop; x += 16) {
      const a = v128.load(x);
      const b = v128.load(x + step);
      const c = v128.load(x + 2 * step);
      const d = v128.load(x + 3 * step);
      const a1 = i32x4.add(a, b);
      const b1 = shoup(i32x4.add(i32x4.sub(a, b), v2q), w2, c2, vq);
      const e1 = i32x4.add(c, d);
      const d1 = shoup(i32x4.add(i32x4.sub(c, d), v2q), w3, c3, vq);
      v128.store(x, below(below(i32x4.add(a1, e1), v4q), v2q));
      v128.store(x + step, below(i32x4.add(b1, d1), v2q));
      v128.store(x + 2 * step, shoup(i32x4.add(i32x4.sub(a1, e1), v4q), w1, c1, vq));
      v128.store(x + 3 * step, shoup(i32x4.add(i32x4.sub(b1, d1), v2q), w1, c1, vq));
    }
    x += 3 * step;
  }
}

// The layers 2 and 1, one block, with the factor 1/n: inputs in [0, 2q), outputs in [0, q).
function inverseLastPair(x: usize, step: usize, table: usize, size: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const v4q = i32x4.splat(4 * q);
  const inverse = table + 2 * size;
  const w0 = v128.load32_splat(inverse);
  const c0 = v128.load32_splat(inverse + size);
  const w1 = v128.load32_splat(table);
  const c1 = v128.load32_splat(table + size);
  const w2 = v128.load32_splat(inverse, 8);
  const c2 = v128.load32_splat(inverse + size, 8);
  const w3 = v128.load32_splat(inverse, 12);
  const c3 = v128.load32_splat(inverse + size, 12);
  for (const stop = x + step; x < stop; x += 16) {
    const a = v128.load(x);
    const b = v128.load(x + step);
    const c = v128.load(x + 2 * step);
    const d = v128.load(x + 3 * step);
    const a1 = i32x4.add(a, b);
    const b1 = shoup(i32x4.add(i32x4.sub(a, b), v2q), w2, c2, vq);
    const e1 = i32x4.add(c, d);
    const d1 = shoup(i32x4.add(i32x4.sub(c, d), v2q), w3, c3, vq);
    v128.store(x, below(shoup(i32x4.add(a1, e1), w0, c0, vq), vq));
    v128.store(x + step, below(shoup(i32x4.add(b1, d1), w0, c0, vq), vq));
    v128.store(
      x + 2 * step, below(shoup(i32x4.add(i32x4.sub(a1, e1), v4q), w1, c1, vq), vq));
    v128.store(
      x + 3 * step, below(shoup(i32x4.add(i32x4.sub(b1, d1), v2q), w1, c1, vq), vq));
  }
}

// The layer 1 alone, where the number of layers is odd; ranges as above.
function inverseLastLayer(x: usize, half: usize, table: usize, size: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const inverse = table + 2 * size;
  const w0 = v128.load32_splat(inverse);
  const c0 = v128.load32_splat(inverse + size);
  const w1 = v128.load32_splat(table);
  const c1 = v128.load32_splat(table + size);
  for (const stop = x + half; x < stop; x += 16) {
    const a = v128.load(x);
    const b = v128.load(x + half);
    v128.store(x, below(shoup(i32x4.add(a, b), w0, c0, vq), vq));
    v128.store(x + half, below(shoup(i32x4.add(i32x4.sub(a, b), v2q), w1, c1, vq), vq));
  }
}

/** In place: the inverse of `ntt_forward`, bit-reversed order in, natural order out, in [0, q). */
export function ntt_inverse(x: usize, n: u32, table: usize, q: u32): void {
  const size = <usize>n << 2;
  const end = x + size;
  const inverse = table + 2 * size;
  inverseFirst(x, end, inverse, size, q);
  let m = size >> 4; // bytes of twiddles in the lower of two layers; w[2m] is m words behind w[m]
  let step: usize = 16;
  for (; m > 4; m >>= 2) {
    inversePair(x, end, step, inverse + m, m, size, q);
    step <<= 2;
  }
  if (m == 4) inverseLastPair(x, step, table, size, q);
  else inverseLastLayer(x, size >> 1, table, size, q);
}
