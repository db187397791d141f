/**
 * Residue j at bits [j b, (j + 1) b) of its plane, little endian; n is a multiple of 8, so that a group
 * of eight residues is b whole bytes. Both directions touch up to 8 bytes behind the plane.
 */

// b < 22: three pairs do not fill two words.
function packNarrow(x: usize, out: usize, n: u32, bits: u64): void {
  let pending: u64 = 0;
  let filled: u64 = 0;
  for (const end = x + (<usize>n << 2); x < end; x += 4) {
    pending |= <u64>load<u32>(x) << filled;
    filled += bits;
    if (filled >= 32) {
      store<u32>(out, <u32>pending);
      out += 4;
      pending >>= 32;
      filled -= 32;
    }
  }
  store<u32>(out, <u32>pending);
}

// @ts-ignore: decorator
@inline
function pair(x: usize, bits: u64): u64 {
  const two = load<u64>(x);
  return (two & 0xffffffff) | ((two >> 32) << bits);
}

/** Packs n residues below 2^b, b = `bits` from 1 to 28. */
export function rlwe_pack(x: usize, out: usize, n: u32, bits: u32): void {
  if (bits < 22) {
    packNarrow(x, out, n, bits);
    return;
  }
  const b = <u64>bits;
  const p = b << 1;
  for (const end = x + (<usize>n << 2); x < end; x += 32) {
    const r0 = pair(x, b);
    const r1 = pair(x + 8, b);
    const r2 = pair(x + 16, b);
    const r3 = pair(x + 24, b);
    // p is 44 to 56, so that no shift reaches 64. The last word reaches into the next group,
    // which is written after it.
    store<u64>(out, r0 | (r1 << p));
    store<u64>(out, (r1 >> (64 - p)) | (r2 << (2 * p - 64)), 8);
    store<u64>(out, (r2 >> (128 - 2 * p)) | (r3 << (3 * p - 128)), 16);
    store<u32>(out, <u32>(r3 >> (192 - 3 * p)), 24);
    out += bits;
  }
}

/** The inverse. Returns 1 if a residue is not below q, else 0; q is below 2^28. */
export function rlwe_unpack(bytes: usize, x: usize, n: u32, bits: u32, q: u32): u32 {
  const b = <u64>bits;
  const low: u64 = (<u64>1 << b) - 1;
  const high = low << b;
  const up = 32 - b;
  // A residue r < 2^28 carries into bit 31 of r + 2^31 - q exactly if r >= q.
  const lane = <u64>(<u32>0x80000000 - q);
  const gap = lane | (lane << 32);
  const o1 = <usize>(bits >> 2);
  const s1 = (2 * b) & 7;
  const o2 = <usize>(bits >> 1);
  const s2 = (4 * b) & 7;
  const o3 = <usize>((6 * bits) >> 3);
  const s3 = (6 * b) & 7;
  let over: u64 = 0;
  for (const end = x + (<usize>n << 2); x < end; x += 32) {
    const t0 = load<u64>(bytes);
    const t1 = load<u64>(bytes + o1) >> s1;
    const t2 = load<u64>(bytes + o2) >> s2;
    const t3 = load<u64>(bytes + o3) >> s3;
    const p0 = (t0 & low) | ((t0 & high) << up);
    const p1 = (t1 & low) | ((t1 & high) << up);
    const p2 = (t2 & low) | ((t2 & high) << up);
    const p3 = (t3 & low) | ((t3 & high) << up);
    over |= (p0 + gap) | (p1 + gap) | (p2 + gap) | (p3 + gap);
    store<u64>(x, p0);
    store<u64>(x, p1, 8);
    store<u64>(x, p2, 16);
    store<u64>(x, p3, 24);
    bytes += bits;
  }
  return <u32>(((over >> 31) | (over >> 63)) & 1);
}
