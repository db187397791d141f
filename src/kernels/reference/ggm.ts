/** Binary trees of pseudorandom nodes, one at a time and node by node: the oracle of the kernel's tests. */
import { createCipheriv } from 'node:crypto';

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  a.map((byte, i) => byte ^ (b[i] as number));

function child(node: Uint8Array, side: 'L' | 'R'): Uint8Array {
  const key = new TextEncoder().encode(`kakehashi/ggm/1${side}`);
  return xor(new Uint8Array(createCipheriv('aes-128-ecb', key, null).update(node)), node);
}

/** All levels of one tree, the root first, each with the nodes that `leaves` leaves need. */
export function tree(root: Uint8Array, leaves: number): Uint8Array[][] {
  const height = Math.ceil(Math.log2(leaves));
  const levels = [[root]];
  for (let level = 1; level <= height; level += 1) {
    const width = Math.ceil(leaves / 2 ** (height - level));
    const children = (levels.at(-1) as Uint8Array[]).flatMap((node) => [
      child(node, 'L'),
      child(node, 'R'),
    ]);
    levels.push(children.slice(0, width));
  }
  return levels;
}

/** The xor of the nodes of a level with an even index, and of those with an odd one. */
export function sides(level: readonly Uint8Array[]): [Uint8Array, Uint8Array] {
  const side = (parity: number): Uint8Array =>
    level.filter((_, i) => i % 2 === parity).reduce(xor, new Uint8Array(16));
  return [side(0), side(1)];
}
