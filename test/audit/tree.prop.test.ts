/** Trees and proofs against the definitions of the RFC, and what a proof must not survive. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { consistencyPath, verifyConsistency } from '../../src/audit/consistency.ts';
import { inclusionPath, verifyInclusion } from '../../src/audit/inclusion.ts';
import { leafHash } from '../../src/audit/leaf.ts';
import { MerkleTree } from '../../src/audit/tree.ts';
import { uint64 } from '../../src/base/bytes.ts';
import { refusal } from '../support/refusal.ts';
import { mth, path, proof } from './reference-tree.ts';

const data = Array.from({ length: 66 }, (_, i) => uint64(i));
const tree = new MerkleTree();
for (const leaf of data) tree.append(leafHash(leaf));

/** Sizes from the places where a tree changes its shape. */
const size = fc.oneof(
  fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 66),
  fc.integer({ min: 1, max: data.length }),
);
const pair = fc.tuple(size, size).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const flipped = (hash: Uint8Array, bit: number): Uint8Array => {
  const copy = hash.slice();
  const at = bit % 256;
  copy[at >> 3] = (copy[at >> 3] ?? 0) ^ (1 << (at & 7));
  return copy;
};
const rejected = refusal('PROOF_REJECTED');

test('roots and proofs are those of the definition, and hold', () => {
  deepStrictEqual(tree.root(0), mth([]));
  fc.assert(
    fc.property(pair, fc.nat(), ([first, second], some) => {
      const [a, b] = [data.slice(0, first), data.slice(0, second)];
      const [rootA, rootB] = [mth(a), mth(b)];
      deepStrictEqual(tree.root(second), rootB);
      const index = some % second;
      deepStrictEqual(inclusionPath(tree, index, second), path(index, b));
      deepStrictEqual(consistencyPath(tree, first, second), proof(first, b));
      const leaf = leafHash(uint64(index));
      verifyInclusion({ index, size: second, leaf, path: path(index, b) }, rootB);
      const states = [
        { size: first, root: rootA },
        { size: second, root: rootB },
      ] as const;
      verifyConsistency(...states, proof(first, b));
    }),
    { numRuns: 50 },
  );
});

test('an inclusion proof fails for another entry, place, size, hash, or one hash more or less', () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), (n, some, bit) => {
      const index = some % n;
      const good = {
        index,
        size: n,
        leaf: leafHash(uint64(index)),
        path: inclusionPath(tree, index, n),
      };
      const root = tree.root(n);
      verifyInclusion(good, root);
      const bad = [
        { ...good, leaf: flipped(good.leaf, bit) },
        { ...good, index: n },
        { ...good, index: -1 },
        { ...good, index: index + 0.5 },
        { ...good, path: [...good.path, root] },
        { ...good, path: good.path.slice(1) },
        { ...good, path: good.path.map((one) => flipped(one, bit)) },
        { ...good, path: good.path.map((one) => one.subarray(1)) },
        ...(n > 1 ? [{ ...good, index: (index + 1) % n }] : []),
      ].filter((one) => JSON.stringify(one) !== JSON.stringify(good));
      for (const one of bad) throws(() => verifyInclusion(one, root), rejected);
      throws(() => verifyInclusion(good, flipped(root, bit)), rejected);
    }),
    { numRuns: 50 },
  );
});

test('no consistency proof joins two logs that differ in one early entry', () => {
  const fork = new MerkleTree();
  for (const leaf of data) fork.append(leafHash(leaf));
  const other = new MerkleTree();
  data.forEach((leaf, i) => other.append(leafHash(i === 3 ? uint64(9999) : leaf)));
  fc.assert(
    fc.property(pair, fc.nat(), ([first, second], bit) => {
      const good = consistencyPath(tree, first, second);
      const a = { size: first, root: tree.root(first) };
      const b = { size: second, root: tree.root(second) };
      verifyConsistency(a, b, good);
      if (first > 3) {
        const forked = { size: second, root: other.root(second) };
        for (const path of [good, consistencyPath(other, first, second)]) {
          throws(() => verifyConsistency(a, forked, path), rejected);
        }
      }
      throws(() => verifyConsistency(a, b, [...good, b.root]), rejected);
      throws(() => verifyConsistency({ ...a, root: flipped(a.root, bit) }, b, good), rejected);
      throws(() => verifyConsistency(a, { ...b, root: flipped(b.root, bit) }, good), rejected);
      if (good.length > 0) {
        throws(() => verifyConsistency(a, b, good.slice(1)), rejected);
        throws(() => verifyConsistency(a, b, good.slice(0, -1)), rejected);
        const one = bit % good.length;
        const changed = good.map((hash, i) => (i === one ? flipped(hash, bit) : hash));
        throws(() => verifyConsistency(a, b, changed), rejected);
      }
      if (first < second) throws(() => verifyConsistency(b, a, good), rejected);
    }),
    { numRuns: 50 },
  );
});

test('what a log does not have is not proved', () => {
  const invalid = refusal('INVALID_PARAMETER');
  throws(() => inclusionPath(tree, 0, data.length + 1), invalid);
  throws(() => inclusionPath(tree, 5, 5), invalid);
  throws(() => consistencyPath(tree, 6, 5), invalid);
  throws(() => tree.root(-1), invalid);
  const empty = { size: 0, root: tree.root(0) };
  verifyConsistency(empty, { size: 5, root: tree.root(5) }, consistencyPath(tree, 0, 5));
  const wrong = { size: 0, root: tree.root(1) };
  throws(() => verifyConsistency(wrong, { size: 5, root: tree.root(5) }, []), rejected);
});
