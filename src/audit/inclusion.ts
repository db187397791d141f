/**
 * Inclusion proofs: that an entry stands at its place in the log behind a root (RFC 9162
 * section 2.1.3).
 * @module
 */
import { equalBytes } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import { nodeHash } from './leaf.ts';
import { type MerkleTree, splitPoint } from './tree.ts';

export type Inclusion = {
  /** From 0. */
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly path: readonly Uint8Array[];
};

/** PATH(m, D[0:n]) of section 2.1.3.1: what `leaf` is hashed with, from the bottom. */
export function inclusionPath(tree: MerkleTree, index: number, size: number): Uint8Array[] {
  tree.checkSize(size);
  const inside = Number.isSafeInteger(index) && index >= 0 && index < size;
  check(inside, 'INVALID_PARAMETER', `no entry ${index} in a log of ${size}`);
  const path: Uint8Array[] = [];
  for (let [start, end] = [0, size]; end - start > 1; ) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.unshift(tree.range(middle, end));
      end = middle;
    } else {
      path.unshift(tree.range(start, middle));
      start = middle;
    }
  }
  return path;
}

/** Section 2.1.3.2. Refuses with PROOF_REJECTED, saying why, unless `root` has this leaf there. */
export function verifyInclusion({ index, size, leaf, path }: Inclusion, root: Uint8Array): void {
  const reject = (holds: boolean, why: string): void => {
    check(holds, 'PROOF_REJECTED', `inclusion of entry ${index} of ${size}: ${why}`);
  };
  const whole = Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0;
  reject(whole && index < size, 'not an entry of the log'); // step 1
  reject(
    [leaf, root, ...path].every(({ length }) => length === 32),
    'a hash has not 32 bytes',
  );
  let at = index; // fn
  let last = size - 1; // sn
  let hash = leaf; // r
  for (const sibling of path) {
    reject(last > 0, 'path too long'); // step 4, "if sn is 0 ... fail"
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at > 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  reject(last === 0, 'path too short'); // step 5
  reject(equalBytes(hash, root), 'another root');
}
