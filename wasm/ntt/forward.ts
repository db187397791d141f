/**
 * The forward transform: Cooley-Tukey, Longa and Naehrig's algorithm 1 (ePrint 2016/504), with
 * Harvey's lazy butterflies. Layer m multiplies by w[m..2m); two layers a pass.
 */
import { below, shoup } from '../shared/lanes';

// One layer, spans of `half` bytes. Grows the bound of x by 2q, as in `forwardPair`.
function forwardLayer(x: usize, end: usize, half: usize, table: usize, size: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  while (x < end) {
    const w = v128.load32_splat(table);
    const companion = v128.load32_splat(table + size);
    table += 4;
    const stop = x + half;
    for (; x < stop; x += 16) {
      const a = v128.load(x);
      const b = shoup(v128.load(x + half), w, companion, vq);
      v128.store(x, i32x4.add(a, b));
      v128.store(x + half, i32x4.add(i32x4.sub(a, b), v2q));
    }
    x += half;
  }
}

// Layers m and 2m. `table` points at w[m], w[2m] is `layer` bytes on, `step` is a quarter of a
// block of layer m in bytes.
// Range: inputs below B give outputs below B + 4q, for a sum and a difference + 2q add 2q each
// and a product is below 2q whatever came in. `reduce` first brings the addends from 16q to 2q.
// @ts-ignore: decorator
@inline
function forwardPair(
  x: usize, end: usize, step: usize, table: usize, layer: usize, size: usize, q: u32, reduce: bool,
): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
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
      let a = v128.load(x);
      let b = v128.load(x + step);
      if (reduce) {
        a = below(below(below(a, i32x4.splat(8 * q)), i32x4.splat(4 * q)), v2q);
        b = below(below(below(b, i32x4.splat(8 * q)), i32x4.splat(4 * q)), v2q);
      }
      const c = shoup(v128.load(x + 2 * step), w1, c1, vq);
      const d = shoup(v128.load(x + 3 * step), w1, c1, vq);
      const a1 = i32x4.add(a, c);
      const b1 = shoup(i32x4.add(b, d), w2, c2, vq);
      const e1 = i32x4.add(i32x4.sub(a, c), v2q);
      const d1 = shoup(i32x4.add(i32x4.sub(b, d), v2q), w3, c3, vq);
      v128.store(x, i32x4.add(a1, b1));
      v128.store(x + step, i32x4.add(i32x4.sub(a1, b1), v2q));
      v128.store(x + 2 * step, i32x4.add(e1, d1));
      v128.store(x + 3 * step, i32x4.add(i32x4.sub(e1, d1), v2q));
    }
    x += 3 * step;
  }
}

// Not inlined, so that each pass is a small function that the engine optimises by itself.
function forwardPairLazy(
  x: usize, end: usize, step: usize, table: usize, layer: usize, size: usize, q: u32,
): void {
  forwardPair(x, end, step, table, layer, size, q, false);
}

function forwardPairReducing(
  x: usize, end: usize, step: usize, table: usize, layer: usize, size: usize, q: u32,
): void {
  forwardPair(x, end, step, table, layer, size, q, true);
}

// Layers n/4 and n/2: four blocks of four neighbours, transposed so that a lane is a block.
// Inputs below 2^32 - 4q; outputs in [0, q).
function forwardLast(x: usize, end: usize, table: usize, size: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const v4q = i32x4.splat(4 * q);
  const v8q = i32x4.splat(8 * q);
  // 16q fits 32 bits below q = 2^27 only; above it every value is below 16q and 0 changes nothing.
  const v16q = i32x4.splat((q >> 27) == 0 ? 16 * q : 0);
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
    const w1 = v128.load(first);
    const c1 = v128.load(first + size);
    const c = shoup(v128.shuffle<u64>(s2, s3, 0, 2), w1, c1, vq);
    const d = shoup(v128.shuffle<u64>(s2, s3, 1, 3), w1, c1, vq);
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
    const a1 = i32x4.add(a, c);
    const b1 = shoup(i32x4.add(b, d), w2, c2, vq);
    const e1 = i32x4.add(i32x4.sub(a, c), v2q);
    const d1 = shoup(i32x4.add(i32x4.sub(b, d), v2q), w3, c3, vq);
    const y0 = below(below(below(below(below(
      i32x4.add(a1, b1), v16q), v8q), v4q), v2q), vq);
    const y1 = below(below(below(below(below(
      i32x4.add(i32x4.sub(a1, b1), v2q), v16q), v8q), v4q), v2q), vq);
    const y2 = below(below(below(below(below(
      i32x4.add(e1, d1), v16q), v8q), v4q), v2q), vq);
    const y3 = below(below(below(below(below(
      i32x4.add(i32x4.sub(e1, d1), v2q), v16q), v8q), v4q), v2q), vq);
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

/**
 * In place: n residues in [0, q), n a power of two from 16 to 16384, natural order in, bit-reversed
 * order out: x[k] becomes the value at psi^(2 brv(k) + 1). Output in [0, q).
 *
 * Ranges. For q < 2^27 nothing is reduced on the way: q + 2q a layer is 29q < 32q < 2^32 after 14
 * layers. Otherwise 16q <= 2^32: at most 7 layers reach 15q, then every third pass reduces to 2q
 * and three passes of two layers reach 14q.
 */
export function ntt_forward(x: usize, n: u32, table: usize, q: u32): void {
  const size = <usize>n << 2;
  const end = x + size;
  const wide = q >> 27;
  let m: usize = 4; // bytes of twiddles in this layer
  let span = size; // bytes of one block of this layer
  if ((ctz(n) & 1) != 0) {
    forwardLayer(x, end, span >> 1, table + m, size, q);
    m <<= 1;
    span >>= 1;
  }
  let pass: u32 = 0;
  while (span > 16) {
    // layers m and 2m; w[2m] starts m words behind w[m]
    if (wide != 0 && pass == 3) {
      forwardPairReducing(x, end, span >> 2, table + m, m, size, q);
      pass = 1;
    } else {
      forwardPairLazy(x, end, span >> 2, table + m, m, size, q);
      pass += 1;
    }
    m <<= 2;
    span >>= 2;
  }
  forwardLast(x, end, table, size, q);
}
