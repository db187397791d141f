/**
 * Consistency proofs: that a log was only appended to between two sizes (RFC 9162 section 2.1.4).
 * @module
 */
import { equalBytes } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import { emptyRoot, nodeHash } from './leaf.ts';
import { type MerkleTree, splitPoint } from './tree.ts';

export type LogState = { readonly size: number; readonly root: Uint8Array };

/** PROOF(m, D[0:n]) of section 2.1.4.1; empty between equal sizes and from the empty log. */
export function consistencyPath(tree: MerkleTree, first: number, second: number): Uint8Array[] {
  tree.checkSize(second);
  const ordered = Number.isSafeInteger(first) && first >= 0 && first <= second;
  check(ordered, 'INVALID_PARAMETER', `no proof from ${first} to ${second}`);
  if (first === 0) return [];
  const path: Uint8Array[] = [];
  let [start, end] = [0, second];
  // SUBPROOF: goes down to the subtree that `first` ends with; `whole` is its flag b.
  let whole = true;
  while (first !== end) {
    const middle = start + splitPoint(end - start);
    if (first <= middle) {
      path.unshift(tree.range(middle, end));
      end = middle;
    } else {
      path.unshift(tree.range(start, middle));
      start = middle;
      whole = false;
    }
  }
  if (!whole) path.unshift(tree.range(start, end));
  return path;
}

/**
 * Section 2.1.4.2. Refuses with PROOF_REJECTED, saying why, unless the log of `second` begins with
 * the whole log of `first`.
 */
export function verifyConsistency(
  first: LogState,
  second: LogState,
  path: readonly Uint8Array[],
): void {
  const reject = (holds: boolean, why: string): void => {
    check(holds, 'PROOF_REJECTED', `consistency of ${first.size} and ${second.size}: ${why}`);
  };
  const sizes = [first.size, second.size].every((n) => Number.isSafeInteger(n) && n >= 0);
  reject(sizes && first.size <= second.size, 'sizes out of order');
  const hashes = [first.root, second.root, ...path];
  reject(
    hashes.every(({ length }) => length === 32),
    'a hash has not 32 bytes',
  );
  if (first.size === 0) {
    // Every log extends the empty one; the RFC leaves this case to the caller.
    reject(equalBytes(first.root, emptyRoot()), 'not the root of the empty log');
    reject(path.length === 0, 'path too long');
    return;
  }
  if (first.size === second.size) {
    reject(path.length === 0, 'path too long');
    reject(equalBytes(first.root, second.root), 'two roots of one size');
    return;
  }
  let at = first.size - 1; // fn
  let last = second.size - 1; // sn
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]; // step 4
  // Step 2: a first tree of 2^k leaves is itself the first node of the path.
  const [start, ...rest] = at === 0 ? [first.root, ...path] : path;
  reject(start !== undefined, 'path too short');
  let [old, whole] = [start ?? first.root, start ?? first.root]; // fr, sr
  for (const sibling of rest) {
    reject(last > 0, 'path too long');
    if (at % 2 === 1 || at === last) {
      old = nodeHash(sibling, old);
      whole = nodeHash(sibling, whole);
      while (at % 2 === 0 && at > 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      whole = nodeHash(whole, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  reject(last === 0, 'path too short'); // step 7
  reject(equalBytes(old, first.root), 'another root of the first');
  reject(equalBytes(whole, second.root), 'another root of the second');
}
