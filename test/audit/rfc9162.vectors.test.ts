/**
 * The published eight-leaf tree: every leaf, every inner node, every root, then the published
 * proofs, good and bad, where the shared data is there. Provenance: vectors/rfc9162-eight-leaves.json.
 */
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { verifyConsistency } from '../../src/audit/consistency.ts';
import { verifyInclusion } from '../../src/audit/inclusion.ts';
import { emptyRoot, leafHash, nodeHash } from '../../src/audit/leaf.ts';
import { MerkleTree } from '../../src/audit/tree.ts';
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { refusal } from '../support/refusal.ts';
import { sharedData } from '../support/shared-data.ts';

type Tree = {
  leafInputsHex: string[];
  rootHashesHexBySize: string[];
  nodeHashesHexByLevel: string[][];
  hasher: { in: string; hex: string }[];
};
const file = path.join(import.meta.dirname, 'vectors', 'rfc9162-eight-leaves.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Tree;

describe('hashes (section 2.1.1)', () => {
  const [empty, none, leaf, node] = vectors.hasher.map(({ hex }) => hex);
  test('of nothing, of an empty leaf, of a leaf, of a node', () => {
    strictEqual(toHex(emptyRoot()), empty);
    strictEqual(toHex(leafHash(new Uint8Array(0))), none);
    strictEqual(toHex(leafHash(utf8('L123456'))), leaf);
    strictEqual(toHex(nodeHash(utf8('N123'), utf8('N456'))), node);
  });
});

describe('the tree of eight leaves', () => {
  const tree = new MerkleTree();
  const roots = [toHex(tree.root())];
  for (const input of vectors.leafInputsHex) {
    tree.append(leafHash(fromHex(input)));
    roots.push(toHex(tree.root()));
  }
  test('has the published nodes', () => {
    vectors.nodeHashesHexByLevel.forEach((level, height) => {
      const size = 2 ** height;
      const nodes = level.map((_, i) => toHex(tree.range(i * size, (i + 1) * size)));
      deepStrictEqual(nodes, level);
    });
  });
  test('had the published root at every size', () => {
    deepStrictEqual(roots, vectors.rootHashesHexBySize);
    deepStrictEqual(
      roots.map((_, size) => toHex(tree.root(size))),
      vectors.rootHashesHexBySize,
    );
  });
});

type Published = {
  desc: string;
  wantErr: boolean;
  file: string;
  root?: string;
  proof?: string[] | null;
};
type Included = Published & { leafIdx: number; treeSize: number; leafHash: string };
type Consistent = Published & { size1: number; size2: number; root1: string; root2: string };
const shared = sharedData('crypto/rfc6962_merkle_sample.json');
const bytes = (base64: string | null | undefined) =>
  new Uint8Array(Buffer.from(base64 ?? '', 'base64'));

describe.skipIf(shared === undefined)('published proofs', () => {
  const all = JSON.parse(shared === undefined ? '{}' : readFileSync(shared, 'utf8')) as {
    inclusion?: Included[];
    consistency?: Consistent[];
  };
  const expected = ({ wantErr }: Published, run: () => void) =>
    wantErr ? throws(run, refusal('PROOF_REJECTED')) : run();
  // The same file has proofs for subtrees, of Merkle tree certificates, which are another protocol.
  const of = <V extends Published>(list: readonly V[] | undefined, folder: string): V[] =>
    (list ?? []).filter(({ file: from }) => from.startsWith(`testdata/${folder}/`));
  of(all.inclusion, 'inclusion').forEach((v, i) => {
    test(`inclusion ${i}: ${v.desc}`, () =>
      expected(v, () => {
        const proof = (v.proof ?? []).map(bytes);
        const at = { index: v.leafIdx, size: v.treeSize, leaf: bytes(v.leafHash), path: proof };
        verifyInclusion(at, bytes(v.root));
      }));
  });
  // Where a published root is not 32 bytes ("don't care 2") we refuse more than the vectors ask.
  const hashes = ({ root1, root2 }: Consistent): boolean =>
    [root1, root2].every((root) => bytes(root).length === 32);
  const published = of(all.consistency, 'consistency');
  published.forEach((v, i) => {
    test(`consistency ${i}: ${v.desc}`, () =>
      expected({ ...v, wantErr: v.wantErr || !hashes(v) }, () => {
        const first = { size: v.size1, root: bytes(v.root1) };
        const second = { size: v.size2, root: bytes(v.root2) };
        verifyConsistency(first, second, (v.proof ?? []).map(bytes));
      }));
  });
});
