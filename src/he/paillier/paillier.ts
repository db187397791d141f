/** What the library entry offers of Paillier (he.ts): see the worked example in he/README.md. @module */
export {
  type Ciphertext,
  decrypt,
  encrypt,
  multiple,
  readCiphertexts,
  rerandomise,
  sum,
} from './encryption.ts';
export {
  decryptNumber,
  encryptNumber,
  type EncryptedNumber,
  multiplyNumber,
  sumNumbers,
} from './encrypted-number.ts';
export { importPrivateKey } from './key-import.ts';
export { decryptAll, encryptAll, PAILLIER_BATCHES, type PaillierBatchKind } from './many.ts';
export {
  decryptPacked,
  encryptPacked,
  multiplePacked,
  type Packed,
  type Packing,
  packing,
  sumPacked,
} from './packing.ts';
export { generatePrivateKey, PrivateKey } from './private-key.ts';
export { MAX_BITS, MIN_BITS, PublicKey, publicKey } from './public-key.ts';
export {
  readEncryptedNumber,
  readEncryptedNumbers,
  readPrivateKey,
  readPublicKey,
  writeEncryptedNumber,
  writePrivateKey,
  writePublicKey,
} from './python-paillier.ts';
export {
  type FixedBase,
  fixedBaseRandomiser,
  ownerRandomiser,
  type Randomiser,
  uniformRandomiser,
} from './randomiser.ts';
