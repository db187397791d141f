/**
 * OPRF and VOPRF, client (RFC 9497 sections 3.3.1 and 3.3.2), many inputs in a call.
 *
 * Learns   F(key, input) for its own inputs: Hash(input || key·H(input) || "Finalize").
 * The server learns how many inputs there were, and nothing else, however it deviates: what it sees
 *          is uniform. With mode VOPRF the client also knows that all of a batch were evaluated
 *          under the key it has pinned (DLEQ proof, random oracle model).
 * Adversary malicious, both sides. Outputs are pseudorandom under gap One-More Diffie-Hellman; a
 *          client can evaluate whatever it likes, once a request: limit them (server.ts).
 * Limits   in mode OPRF a server can answer with another key for a chosen input, and tell clients
 *          apart by that later. Group and key are not post-quantum.
 *
 *     client(inputs)                                server(key)
 *     r_i ← random
 *     B_i = r_i·H(x_i)      ────── B ──────▶
 *                           ◀── E, proof ───        E_i = key·B_i
 *     out_i = Hash(x_i, r_i^-1·E_i)
 * @module
 */
import { concat, utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { verifyProof } from './dleq.ts';
import { twoBytes } from './expand-message.ts';
import { checkInputs, elementAt, elementCount, type OprfContext, tagOf } from './group.ts';

/** What the client keeps between the two messages. Usable once: the blinds are wiped. */
export type OprfState = {
  readonly inputs: readonly Uint8Array[];
  readonly blinds: Secret;
  readonly blinded: Uint8Array;
};

/** Blind: `state.blinded` goes to the server. */
export function blind(context: OprfContext, inputs: readonly Uint8Array[], rng: Rng): OprfState {
  checkInputs(inputs);
  const { group } = context;
  const blinds = new Secret('oprf blinds', group.randomScalars(inputs.length, rng));
  const tag = tagOf(context, 'HashToGroup-');
  const blinded = group.multiplyHashed(inputs, tag, blinds.expose());
  return { inputs, blinds, blinded };
}

/** The output of one input and its unblinded element; also how the server evaluates. */
export function outputOf(
  { group }: OprfContext,
  input: Uint8Array,
  element: Uint8Array,
): Uint8Array {
  const parts = [twoBytes(input.length), input, twoBytes(element.length), element];
  return group.hash(concat(...parts, utf8('Finalize')));
}

function unblind(
  context: OprfContext,
  { inputs }: OprfState,
  blinds: Secret,
  evaluated: Uint8Array,
): Uint8Array[] {
  const { group } = context;
  using inverses = new Secret('oprf unblinds', group.invert(blinds.expose()));
  const elements = group.multiply(evaluated, inverses.expose());
  return inputs.map((input, i) => outputOf(context, input, elementAt(group, elements, i)));
}

function checkAnswer({ group }: OprfContext, state: OprfState, evaluated: Uint8Array): void {
  const n = elementCount(group, evaluated);
  check(n === state.inputs.length, 'MALFORMED_MESSAGE', `${n} for ${state.inputs.length} inputs`);
}

/** Finalize, mode OPRF. Consumes `state`, whatever comes of it. */
export function finalize(
  context: OprfContext,
  state: OprfState,
  evaluated: Uint8Array,
): Uint8Array[] {
  using blinds = state.blinds;
  check(context.mode === 0, 'PROTOCOL_STATE', 'a verifiable answer has a proof');
  checkAnswer(context, state, evaluated);
  return unblind(context, state, blinds, evaluated);
}

/** Finalize, mode VOPRF: PROOF_REJECTED before anything is unblinded. Consumes `state`. */
export function finalizeVerified(
  context: OprfContext,
  state: OprfState,
  evaluated: Uint8Array,
  proof: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array[] {
  using blinds = state.blinds;
  check(context.mode === 1, 'PROTOCOL_STATE', 'the mode has no proof');
  checkAnswer(context, state, evaluated);
  verifyProof(context, publicKey, state.blinded, evaluated, proof);
  return unblind(context, state, blinds, evaluated);
}
