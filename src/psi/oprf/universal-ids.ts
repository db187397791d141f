/**
 * Universal ids: each of two parties gets, for every row of its own list, an id that the other party gets for the same row.
 *
 *     id(z) = first 128 bits of SHA-256( label ‖ F_1(z) ‖ F_2(z) )     F_1, F_2 of RFC 9497, VOPRF on ristretto255
 *
 *     first(X, k_1)                                      second(Y, k_2)
 *                      ◀──── public keys ────▶
 *     for each 1,024 rows, both at once:
 *                      ───── blinded X ─────▶
 *                      ◀──── blinded Y ──────
 *                      ───── F_1 of Y, proof ─▶
 *                      ◀──── F_2 of X, proof ─
 *
 * Learns      each party ids of its own rows only. Who has the ids of both lists sees who is in both; nothing else follows
 *             from them, and without both keys nobody can try a list of names. Under the keys of another study (pseudonym.ts)
 *             the ids are others, and no one of the two holders can bring them together.
 * Adversary   malicious as far as inputs stay hidden and answers are of the key that was shown (DLEQ proofs). A party can
 *             put in rows that it does not have: the length of a list is the quota. A party that shows another
 *             key in another session gets other ids.
 * Assumption  gap One-More Diffie-Hellman, random oracles (RFC 9497 section 7.2.1). Not post-quantum.
 * Leakage     the length of each list: pad both to one public length, pads included they are ids like others.
 * @module
 */
import { concat, utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Channel } from '../channel.ts';
import { Frames } from '../frames.ts';
import { blind, finalizeVerified } from './client.ts';
import { checkInputs, type OprfContext } from './group.ts';
import type { OprfKeyPair } from './keys.ts';
import { PSEUDONYM_BYTES } from './pseudonym.ts';
import { blindEvaluateVerified, evaluate } from './server.ts';
import { answerBytes, BATCH, batches } from './unbalanced-messages.ts';

const KIND = { key: 0x68, request: 0x69, answer: 0x6a } as const;
const LABEL = utf8('kakehashi/universal-id/1');

export type UniversalIdOptions = {
  /** Of mode VOPRF, the same at both. */
  readonly context: OprfContext;
  readonly keys: OprfKeyPair;
  readonly rng: Rng;
};

/** F_own and F_peer of the same row, in the order of roles. */
const idOf = (first: Uint8Array, second: Uint8Array): Uint8Array =>
  sha256(concat(LABEL, first, second)).subarray(0, PSEUDONYM_BYTES);

/**
 * 16 bytes for each of `inputs`, in their order. The peer's list must be as long. Refuses with MALFORMED_MESSAGE,
 * PROTOCOL_STATE or PROOF_REJECTED what the peer sends.
 */
export async function universalIds(
  role: 'first' | 'second',
  inputs: readonly Uint8Array[],
  channel: Channel,
  { context, keys, rng }: UniversalIdOptions,
): Promise<Uint8Array> {
  const { group } = context;
  check(context.mode === 1, 'INVALID_PARAMETER', 'universal ids are verifiable');
  checkInputs(inputs);
  const frames = new Frames(channel);
  await frames.send(KIND.key, keys.publicKey);
  const peerKey = await frames.receive(KIND.key, group.elementBytes);
  const out = new Uint8Array(inputs.length * PSEUDONYM_BYTES);
  for (const [index, n] of batches(inputs.length).entries()) {
    const part = inputs.slice(index * BATCH, index * BATCH + n);
    const state = blind(context, part, rng);
    await frames.send(KIND.request, state.blinded);
    const asked = await frames.receive(KIND.request, n * group.elementBytes);
    const { evaluated, proof } = blindEvaluateVerified(context, keys, asked, rng);
    await frames.send(KIND.answer, concat(evaluated, proof));
    const own = evaluate(context, keys.secretKey, part);
    const answer = await frames.receive(KIND.answer, answerBytes(group, n));
    const elements = answer.subarray(0, n * group.elementBytes);
    const theirs = finalizeVerified(
      context,
      state,
      elements,
      answer.subarray(elements.length),
      peerKey,
    );
    own.forEach((value, i) => {
      const other = theirs[i] ?? new Uint8Array(0);
      const id = role === 'first' ? idOf(value, other) : idOf(other, value);
      out.set(id, (index * BATCH + i) * PSEUDONYM_BYTES);
    });
  }
  return out;
}
