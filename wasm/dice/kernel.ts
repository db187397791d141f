/**
 * Overlaps of 1,024-bit encodings: out[i][j] = popcount(queries[i] AND list[j]), as 16-bit words.
 *
 * An encoding is 128 bytes. The first 80 go through i8x16.popcnt (five lanes of 16 bytes, their
 * byte counts added: at most 40, no overflow), the last 48 through i64.popcnt: the vector and the
 * scalar units count at the same time, which was a quarter faster than either alone.
 *
 * Contract  queries: m x 128 bytes, list: n x 128 bytes, out: m x n x 2 bytes, none overlapping.
 * Timing    no branch and no address depends on the encodings; m and n are public.
 */

const BYTES: usize = 128;

// Not inlined: a small function that the engine optimises by itself.
function row(query: usize, list: usize, out: usize, end: usize): void {
  const q0 = v128.load(query);
  const q1 = v128.load(query, 16);
  const q2 = v128.load(query, 32);
  const q3 = v128.load(query, 48);
  const q4 = v128.load(query, 64);
  for (; out < end; out += 2, list += BYTES) {
    let bytes = i8x16.popcnt(v128.and(q0, v128.load(list)));
    bytes = i8x16.add(bytes, i8x16.popcnt(v128.and(q1, v128.load(list, 16))));
    bytes = i8x16.add(bytes, i8x16.popcnt(v128.and(q2, v128.load(list, 32))));
    bytes = i8x16.add(bytes, i8x16.popcnt(v128.and(q3, v128.load(list, 48))));
    bytes = i8x16.add(bytes, i8x16.popcnt(v128.and(q4, v128.load(list, 64))));
    const scalar: i64 =
      popcnt<i64>(load<i64>(query, 80) & load<i64>(list, 80)) +
      popcnt<i64>(load<i64>(query, 88) & load<i64>(list, 88)) +
      popcnt<i64>(load<i64>(query, 96) & load<i64>(list, 96)) +
      popcnt<i64>(load<i64>(query, 104) & load<i64>(list, 104)) +
      popcnt<i64>(load<i64>(query, 112) & load<i64>(list, 112)) +
      popcnt<i64>(load<i64>(query, 120) & load<i64>(list, 120));
    const words = i32x4.dot_i16x8_s(i16x8.extadd_pairwise_i8x16_u(bytes), i16x8.splat(1));
    const halves = i64x2.add(words, i64x2.shr_u(words, 32));
    // The upper half of a 64-bit lane holds a stale word; the sum is below 2^16 and its low bits are right.
    store<u16>(out, <u16>(scalar + i64x2.extract_lane(halves, 0) + i64x2.extract_lane(halves, 1)));
  }
}

export function dice_overlaps(queries: usize, m: u32, list: usize, n: u32, out: usize): void {
  const width = (<usize>n) << 1;
  for (let i: u32 = 0; i < m; ++i) {
    row(queries, list, out, out + width);
    queries += BYTES;
    out += width;
  }
}
