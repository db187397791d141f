/**
 * One level of many binary trees at once (Goldreich, Goldwasser, Micali, J. ACM 33 (1986)), for full
 * trees and for trees punctured at one leaf: the node on the path to that leaf is unknown and zero.
 * The caller supplies the two encryptions of every parent; a child is the encryption xor its parent.
 *
 * Layout   trees one behind the other, `parentWidth` or `childWidth` nodes of 16 bytes each;
 *          childWidth is 2 parentWidth or one less.
 * Timing   nodes and positions decide neither branches nor addresses: each position is compared with
 *          every index of its level.
 */

// All ones where i is not at.
// @ts-ignore: decorator
@inline
function unless(i: u32, at: u32): v128 {
  return i32x4.splat(select<i32>(0, -1, i == at));
}

/**
 * children[2i] = left[i] ^ parents[i], children[2i + 1] = right[i] ^ parents[i], children of the
 * parent at unknown[tree] zero (2^32 - 1: none is); sums[tree] = the xor of the even children, the xor of
 * the odd ones.
 */
export function ggm_level(
  parents: usize, left: usize, right: usize, children: usize, trees: u32, parentWidth: u32,
  childWidth: u32, unknown: usize, sums: usize,
): void {
  const full = childWidth >> 1;
  for (let tree: u32 = 0; tree < trees; tree++) {
    const at = load<u32>(unknown);
    let even = i64x2.splat(0);
    let odd = i64x2.splat(0);
    for (let i: u32 = 0; i < full; i++) {
      const keep = unless(i, at);
      const parent = v128.load(parents);
      const a = v128.and(v128.xor(v128.load(left), parent), keep);
      const b = v128.and(v128.xor(v128.load(right), parent), keep);
      v128.store(children, a);
      v128.store(children, b, 16);
      even = v128.xor(even, a);
      odd = v128.xor(odd, b);
      parents += 16;
      left += 16;
      right += 16;
      children += 32;
    }
    if (full < parentWidth) {
      const a = v128.and(v128.xor(v128.load(left), v128.load(parents)), unless(full, at));
      v128.store(children, a);
      even = v128.xor(even, a);
      parents += 16;
      left += 16;
      right += 16;
      children += 16;
    }
    v128.store(sums, even);
    v128.store(sums, odd, 16);
    unknown += 4;
    sums += 32;
  }
}

/** nodes[tree][at[tree]] ^= values[tree]; a position outside the width changes nothing. */
export function ggm_place(nodes: usize, trees: u32, width: u32, at: usize, values: usize): void {
  for (let tree: u32 = 0; tree < trees; tree++) {
    const position = load<u32>(at);
    const value = v128.load(values);
    for (let i: u32 = 0; i < width; i++) {
      const node = v128.load(nodes);
      v128.store(nodes, v128.xor(node, v128.andnot(value, unless(i, position))));
      nodes += 16;
    }
    at += 4;
    values += 16;
  }
}
