/**
 * Everything an RLWE ciphertext needs besides transforms: samplers, packing, encoding, decoding,
 * sums. One limb or one array of words a call; the binding lends its memory to this module and to
 * wasm/ntt, so that a ciphertext is made without leaving it.
 *
 * No imports but memory, no allocation. Residues, slots, words and streams decide neither branches
 * nor addresses, with one exception: `rlwe_uniform` and `rlwe_ternary` reject, so that their time
 * depends on the rejected draws, which are independent of the accepted ones.
 *
 * Memory      pointers are bytes; n is a multiple of 16; q is a prime below 2^28.
 */
export { rlwe_binomial, rlwe_smudge, rlwe_ternary, rlwe_uniform } from './samplers';
export { rlwe_pack, rlwe_unpack } from './packing';
export {
  rlwe_add, rlwe_add_small, rlwe_add_small_words, rlwe_add_words, rlwe_subtract,
} from './sums';
export {
  rlwe_crt, rlwe_encode, rlwe_encode_narrow, rlwe_encode_prime, rlwe_narrow, rlwe_round,
  rlwe_round_prime, rlwe_widen,
} from './plaintext';
