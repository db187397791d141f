/** Logs as files and checkpoints side by side: what joins them, and how a fork is seen. */
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { cosign, writeNote } from '../../src/audit/checkpoint.ts';
import { consistencyPath } from '../../src/audit/consistency.ts';
import { entryLeaf, type LogEntry } from '../../src/audit/entry.ts';
import { erasureDigest, signErasure } from '../../src/audit/erasure.ts';
import { EXCERPT_FORMAT, readExcerpt, verifyExcerpt } from '../../src/audit/excerpt.ts';
import {
  CONSISTENCY_FORMAT,
  type Consistency,
  joinCheckpoints,
  readConsistency,
} from '../../src/audit/one-log.ts';
import { MerkleTree } from '../../src/audit/tree.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { refusal } from '../support/refusal.ts';

const STUDY = 'a'.repeat(64);
const [lu, jp] = [SigningKey.generate(), SigningKey.generate()];
const identities = new Map([
  ['lu', lu.publicText],
  ['jp', jp.publicText],
]);
const salt = (n: number): Uint8Array => new Uint8Array(16).fill(n);
const stop = (n: number): LogEntry => ({
  type: 'stop',
  at: '2026-11-28T18:00Z',
  holder: 'lu',
  frame: n.toString(16).padStart(64, '0'),
});

/** A log of `n` stops, that of `forkAt` another one. */
function grown(n: number, forkAt = -1): MerkleTree {
  const tree = new MerkleTree();
  for (let i = 0; i < n; i++) {
    tree.append(entryLeaf(salt(i), stop(i === forkAt ? 999 : i)));
  }
  return tree;
}
const at = (tree: MerkleTree, size: number) => ({
  study: STUDY,
  size,
  root: toHex(tree.root(size)),
});
const note = (tree: MerkleTree, size: number): string => {
  const checkpoint = at(tree, size);
  const cosignatures = [cosign(checkpoint, 'lu', lu), cosign(checkpoint, 'jp', jp)];
  return writeNote({ checkpoint, cosignatures });
};
const log = grown(9);
const excerpt = {
  format: EXCERPT_FORMAT,
  study: {},
  entries: Array.from({ length: 9 }, (_, i) => ({ entry: stop(i), salt: toHex(salt(i)) })),
  checkpoints: [note(log, 3), note(log, 7)],
} as const;

describe('a log as a file', () => {
  test('is verified entry by entry, and says how far it is co-signed', () => {
    const read = readExcerpt(excerpt);
    const verified = verifyExcerpt(read, STUDY, identities);
    strictEqual(verified.cosigned, 7);
    strictEqual(verified.tree.size, 9);
    deepStrictEqual(verified.types, { stop: 9 });
  });

  const rejected = refusal('PROOF_REJECTED');
  const altered = (change: object) => () =>
    verifyExcerpt(readExcerpt({ ...excerpt, ...change }), STUDY, identities);
  test('with an entry altered, taken out, moved, or of another salt is refused', () => {
    const { entries } = excerpt;
    const [first, second, ...rest] = entries;
    throws(
      altered({ entries: [{ entry: stop(99), salt: first?.salt }, second, ...rest] }),
      rejected,
    );
    throws(altered({ entries: [second, first, ...rest] }), rejected);
    throws(altered({ entries: [second, ...rest] }), rejected);
    throws(altered({ entries: entries.slice(0, 6) }), rejected);
    throws(altered({ entries: [{ ...first, salt: 'f'.repeat(32) }, second, ...rest] }), rejected);
  });

  test('with a checkpoint of another study, or signed by others, is refused', () => {
    throws(() => verifyExcerpt(excerpt as never, 'b'.repeat(64), identities), rejected);
    const others = new Map(identities).set('jp', SigningKey.generate().publicText);
    throws(() => verifyExcerpt(excerpt as never, STUDY, others), refusal('SIGNATURE_REJECTED'));
    throws(() => readExcerpt({ ...excerpt, note: 1 }), refusal('MALFORMED_MESSAGE'));
  });
});

describe('what holders signed about keys, in a log as a file', () => {
  const RUN = 'b'.repeat(64);
  const said = (key: SigningKey, holder: string, change: object = {}) =>
    signErasure(
      {
        ...{ study: STUDY, holder, of: { kind: 'run', id: RUN }, keys: ['run-key'] },
        ...{ sandbox: null, at: new Date(0), ...change },
      },
      key,
    );
  const named = [said(lu, 'lu'), said(jp, 'jp')];
  const entry = {
    type: 'erasure',
    at: '2026-11-28T18:00Z',
    run: RUN,
    statements: [
      ...named.map((one) => ({ holder: one.erasure.holder, digest: erasureDigest(one) })),
      // Of the operator about an upload: no holder's.
      { holder: 'sandbox', digest: 'c'.repeat(64) },
    ],
  };
  const erasuresOf = (statements: readonly unknown[] | undefined) => {
    const read = readExcerpt({
      ...{ format: EXCERPT_FORMAT, study: {}, checkpoints: [] },
      entries: [{ entry, salt: toHex(salt(1)) }],
      ...(statements && { statements: statements as Json[] }),
    });
    return verifyExcerpt(read, STUDY, identities).erasures;
  };

  test('is counted where an entry names it; what is not there is missing', () => {
    deepStrictEqual(erasuresOf(named), { runs: 1, statements: 2, missing: 0 });
    deepStrictEqual(erasuresOf(named.slice(1)), { runs: 1, statements: 1, missing: 1 });
    deepStrictEqual(erasuresOf(undefined), { runs: 1, statements: 0, missing: 2 });
    // Another one than the entry names, of the same run.
    const later = said(lu, 'lu', { keys: [] });
    deepStrictEqual(erasuresOf([later, named[1]]), { runs: 1, statements: 1, missing: 1 });
  });

  test('of nobody in the study, about another study, or altered, is refused', () => {
    throws(() => erasuresOf([said(lu, 'be')]), refusal('PROOF_REJECTED'));
    throws(() => erasuresOf([said(lu, 'lu', { study: RUN })]), refusal('PROOF_REJECTED'));
    throws(() => erasuresOf([said(jp, 'lu')]), refusal('SIGNATURE_REJECTED'));
    const altered = { ...named[0], erasure: { ...named[0]?.erasure, keys: [] } };
    throws(() => erasuresOf([altered]), refusal('SIGNATURE_REJECTED'));
  });
});

describe('checkpoints side by side', () => {
  const seen = (tree: MerkleTree, size: number, source = `${size}`) => ({
    source,
    checkpoint: at(tree, size),
  });
  const proof = (tree: MerkleTree, first: number, second: number): Consistency => ({
    format: CONSISTENCY_FORMAT,
    study: STUDY,
    first,
    second,
    path: consistencyPath(tree, first, second).map(toHex),
  });
  const none = { logs: [], proofs: [] };
  const forked = refusal('LOG_FORKED');

  test('of one size must have one root, whatever joins them', () => {
    deepStrictEqual(joinCheckpoints([seen(log, 5), seen(log, 5, 'again')], none), []);
    throws(() => joinCheckpoints([seen(log, 5), seen(grown(9, 1), 5)], none), forked);
  });

  test('are joined by the log or by a proof; else there is a gap, and it is said', () => {
    const all = [seen(log, 7), seen(log, 3), seen(log, 5)];
    deepStrictEqual(joinCheckpoints(all, none), [
      { first: 3, second: 5 },
      { first: 5, second: 7 },
    ]);
    deepStrictEqual(joinCheckpoints(all, { logs: [], proofs: [proof(log, 3, 5)] }), [
      { first: 5, second: 7 },
    ]);
    deepStrictEqual(joinCheckpoints(all, { logs: [log], proofs: [] }), []);
  });

  test('of a fork are found by the log, and by a proof of either side', () => {
    const other = grown(9, 4);
    const sides = [seen(log, 5), seen(other, 7)];
    throws(() => joinCheckpoints(sides, { logs: [log], proofs: [] }), forked);
    throws(() => joinCheckpoints(sides, { logs: [other], proofs: [] }), forked);
    for (const tree of [log, other]) {
      throws(() => joinCheckpoints(sides, { logs: [], proofs: [proof(tree, 5, 7)] }), forked);
    }
    // Before the place where they part they are one.
    deepStrictEqual(
      joinCheckpoints([seen(log, 4), seen(other, 7)], { logs: [other], proofs: [] }),
      [],
    );
  });

  test('a proof is read strictly', () => {
    const good = proof(log, 3, 5);
    deepStrictEqual(readConsistency(good as never), good);
    for (const bad of [{ ...good, first: -1 }, { ...good, x: 1 }, { ...good, path: ['00'] }, []]) {
      throws(() => readConsistency(bad), refusal('MALFORMED_MESSAGE'));
    }
  });
});
