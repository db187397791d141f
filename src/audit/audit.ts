/**
 * The library entry `kakehashi/audit`: to check what a sandbox and its holders leave behind,
 * without any of them.
 *
 *     readReceipt → verifyReceipt        a receipt, against the identity keys of the holders
 *     readNote → checkCosigned           a checkpoint and who stood by it
 *     readExcerpt → verifyExcerpt        the log of a study, entry by entry
 *     joinCheckpoints                    whether checkpoints are of one log: forks
 *     readErasure → verifyErasure        a signed statement that something was deleted
 *     MerkleTree, inclusionPath, verifyInclusion, consistencyPath, verifyConsistency
 *                                        RFC 9162, over leaf hashes
 * @module
 */
export {
  type Checkpoint,
  checkCosigned,
  checkpointText,
  type Cosignature,
  cosign,
  readNote,
  writeNote,
} from './checkpoint.ts';
export { consistencyPath, type LogState, verifyConsistency } from './consistency.ts';
export { entryLeaf, type LogEntry, readEntry, type UnknownEntry } from './entry.ts';
export { type Erasure, readErasure, type SignedErasure, verifyErasure } from './erasure.ts';
export { type Excerpt, readExcerpt, type VerifiedLog, verifyExcerpt } from './excerpt.ts';
export { type Inclusion, inclusionPath, verifyInclusion } from './inclusion.ts';
export { leafHash, nodeHash } from './leaf.ts';
export { type LogProof, verifyLogProof } from './log-proof.ts';
export {
  type Consistency,
  type Gap,
  joinCheckpoints,
  readConsistency,
  type Seen,
} from './one-log.ts';
export { type Receipt, readReceipt, verifyReceipt } from './receipt.ts';
export { MerkleTree } from './tree.ts';
