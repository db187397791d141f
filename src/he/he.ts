/**
 * The library entry `kakehashi/he`: encryption that adds. he/README.md has a worked example of each.
 *
 *     chooseParameters → createKeyShare → encryptSeeded → sumCiphertexts → decryptionShare
 *         → combineShares                      under a key that nobody holds alone
 *     KeyCeremony → encryptPublic → publicDecryptionShare or keySwitchShare
 *                                              the same with a public key, or for one reader
 *     encryptBlocks, InnerProduct, decryptOwn  one party's key, products with plaintexts
 *     paillier.*                               two parties, and python-paillier's numbers
 *     columns.*                                blind sums over columns of one holder
 *
 * The promises between holders are semi-honest; each file says at its head against whom it holds,
 * by which paper, and what leaks.
 * @module
 */
import * as paillier from './paillier/paillier.ts';
import * as columns from './seal/columns.ts';

export { columns, paillier };
export { chooseParameters, type Choice, type StudyFacts } from './choose.ts';
export { combineShares } from './collective/combine.ts';
export { ciphertextsFor, encryptSeeded } from './collective/encrypt.ts';
export {
  createKeyShare,
  keyId,
  type KeyIdentity,
  type KeyShare,
  parseKeyShare,
  serializeKeyShare,
} from './collective/key.ts';
export {
  applyMask,
  applyMaskModulo,
  zeroSumMask,
  zeroSumMaskModulo,
} from './collective/masks.ts';
export {
  commitTo,
  createPublicShare,
  KeyCeremony,
  type PublicShare,
} from './collective/public-key.ts';
export {
  combinePublic,
  combineSwitched,
  keySwitchShare,
  publicDecryptionShare,
} from './collective/public-share.ts';
export { decryptionShare } from './collective/share.ts';
export { sumCiphertexts } from './collective/sum.ts';
export type { Batch, Batches } from '../base/batches.ts';
export {
  combineVector,
  encryptVector,
  type Keys,
  maskVector,
  type Sets,
  sumVectors,
  vectorShare,
} from './collective/vector.ts';
export { inThread } from './collective/vector-batches.ts';
export {
  type Parameters,
  parametersOf,
  RLWE_4096,
  rlweParameters,
} from './ring/parameters.ts';
export { centreSlots, reduceToSlots } from './ring/plaintext.ts';
export { InnerProduct, readColumn } from './rlwe/inner-product.ts';
export {
  encryptPublic,
  ownPublicKey,
  parsePublicKey,
  type PublicKey,
  serializePublicKey,
} from './rlwe/public-key.ts';
export { joinResidues, splitResidues } from './rlwe/residues.ts';
export { decryptOwn, encryptBlocks } from './rlwe/symmetric.ts';
export { encodeMultiplier, encodeWeights } from './rlwe/weights.ts';
