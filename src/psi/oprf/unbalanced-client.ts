/**
 * Unbalanced PSI from a VOPRF, client: which of my inputs are in the server's filter?
 *
 * Learns    X ∩ Y, but for false positives (filter.ts says how many), and |Y| from the filter; the
 *           server learns |X|.
 * Adversary malicious, both sides, with these limits. The client's inputs stay hidden whatever the
 *           server does, until the client acts on the result. The proof holds every answer to
 *           the pinned public key; the *content* of the filter is the server's word: it can put in or leave
 *           out what it likes. A client can evaluate any inputs, up to its quota.
 * Assumption gap One-More Diffie-Hellman, random oracles (RFC 9497 section 7.2.1). Not post-quantum.
 *
 *     client(X, filter)                                server(key)
 *                           ───── |X| ─────▶           within the quota?
 *     B = r·H(x)            ────── B ──────▶
 *                           ◀── E, proof ───           E = key·B        for each 1024 inputs
 *     out = { i : F(x_i) in the filter }
 * @module
 */
import { equalBytes } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import type { Channel } from '../channel.ts';
import { Frames } from '../frames.ts';
import { blind, finalizeVerified } from './client.ts';
import { filterHas, type OprfFilter } from './filter.ts';
import { checkInputs, type OprfContext } from './group.ts';
import { answerBytes, BATCH, batches, encodeHello, KIND } from './unbalanced-messages.ts';

/**
 * The indices of inputs that are in `filter`, ascending. `publicKey` is the one that the client pins;
 * a filter of another key or suite is refused.
 */
export async function queryFilter(
  channel: Channel,
  context: OprfContext,
  filter: OprfFilter,
  publicKey: Uint8Array,
  inputs: readonly Uint8Array[],
  rng: Rng,
): Promise<Uint32Array> {
  const { group } = context;
  check(context.mode === 1, 'INVALID_PARAMETER', 'the unbalanced protocol is verifiable');
  checkInputs(inputs);
  check(filter.suite === group.identifier, 'MALFORMED_MESSAGE', 'filter of another suite');
  check(equalBytes(filter.publicKey, publicKey), 'MALFORMED_MESSAGE', 'filter of another key');
  const frames = new Frames(channel);
  await frames.send(KIND.hello, encodeHello(inputs.length));
  const found: number[] = [];
  for (const [index, n] of batches(inputs.length).entries()) {
    const from = index * BATCH;
    const state = blind(context, inputs.slice(from, from + n), rng);
    await frames.send(KIND.request, state.blinded);
    const answer = await frames.receive(KIND.answer, answerBytes(group, n));
    const evaluated = answer.subarray(0, n * group.elementBytes);
    const proof = answer.subarray(evaluated.length);
    const outputs = finalizeVerified(context, state, evaluated, proof, publicKey);
    outputs.forEach((output, i) => {
      if (filterHas(filter, output)) found.push(from + i);
    });
  }
  return Uint32Array.from(found);
}
