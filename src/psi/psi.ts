/**
 * The library entry `kakehashi/psi`: what two lists of identifiers share, between two parties.
 *
 *     voleReceive ⇄ voleSend                  the set to the receiver; fast from about 2,000 a side
 *     receiveIntersection ⇄ sendItems         the same by Diffie-Hellman; few bytes for short lists
 *     receiveCardinality ⇄ sendItems          how many, and nobody learns who
 *     receiveSums ⇄ sendSums                  how many, and sums over the sender's columns
 *     tellMatches ⇄ hearMatches               after a set: the sender learns it as well
 *     queryFilter ⇄ serveEvaluations          a short list against a large one, RFC 9497, malicious security
 *     universalIds ⇄ universalIds             ids for all rows, the same at both parties for the same row
 *     oprfReceive ⇄ oprfSend                  pseudonyms for further protocols instead of a result
 *
 * All but the VOPRF are semi-honest: each party is expected to follow the protocol. The header of each file says under
 * which assumption it stands and what leaks. Parties talk through a `Channel` of the caller's, who
 * secures and closes it. Results are exact and have no finite privacy price; identifiers that can be
 * guessed are as safe as the quota of who asks.
 * @module
 */
export { type Channel, MAX_FRAME_BYTES } from './channel.ts';
/** Lists: distinct identifiers as 16-byte hashes, which `ecdh`, `sum` and `pairs` take. */
export { distinctItems, type Identifiers, type Items } from './items.ts';
/** VOLE-PSI: takes identifiers as they are, repeated ones too. */
export {
  oprfReceive,
  type VoleMatches,
  type VoleOptions,
  voleReceive,
  type VoleTokens,
} from './vole/receiver.ts';
export { oprfSend, voleSend, type VoleSent } from './vole/sender.ts';
/** Threads of the caller's for VOLE-PSI (`batches`), and what they compute. */
export type { Batch, BatchHandler, ThreadedBatches } from '../base/batches.ts';
export { VOLE_BATCHES } from './vole/vole-batches.ts';
/** What a session of VOLE-PSI takes, from the two sizes. */
export { sessionBytes } from './vole/messages.ts';
export { type VoleParameters, voleParameters } from './vole/parameters.ts';
/** ECDH-PSI on ristretto255. */
export { receiveCardinality, receiveIntersection } from './ecdh/receiver.ts';
export { sendItems } from './ecdh/sender.ts';
export type { EcdhOptions } from './ecdh/session.ts';
/** Sums over the intersection; the additive encryption is passed in. */
export {
  type AdditiveKey,
  type AdditivePublicKey,
  type AdditiveScheme,
  LARGEST_VALUE,
  MOST_SUM_COLUMNS,
  MOST_SUM_ROWS,
  type Slots,
} from './sum/additive.ts';
export { type IntersectionSums, receiveSums, type SumReceiverOptions } from './sum/receiver.ts';
export { sendSums, type SumRows, type SumSenderOptions } from './sum/sender.ts';
export { hearMatches, tellMatches } from './pairs.ts';
/** OPRF and VOPRF of RFC 9497: contexts, keys, both sides, and the filter for unbalanced lists. */
export { blind, finalize, finalizeVerified, type OprfState } from './oprf/client.ts';
export {
  buildFilter,
  decodeFilter,
  encodeFilter,
  filterHas,
  type OprfFilter,
} from './oprf/filter.ts';
export { oprfContext, type OprfContext, type OprfGroup, type OprfMode } from './oprf/group.ts';
export { deriveKeyPair, generateKeyPair, type OprfKeyPair } from './oprf/keys.ts';
export { p256Sha256 } from './oprf/p256-sha256.ts';
export { pseudonymOf, studyKeyPair } from './oprf/pseudonym.ts';
export { ristretto255Sha512 } from './oprf/ristretto255-sha512.ts';
export { blindEvaluate, blindEvaluateVerified, evaluate } from './oprf/server.ts';
export { universalIds, type UniversalIdOptions } from './oprf/universal-ids.ts';
export { queryFilter } from './oprf/unbalanced-client.ts';
export { evaluatedFilter, serveEvaluations } from './oprf/unbalanced-server.ts';
