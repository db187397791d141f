/**
 * OPRF and VOPRF, server (RFC 9497 sections 3.3.1 and 3.3.2), many elements in a call. Who learns
 * what stands in client.ts.
 *
 * The key lives long, so that an adversary sees many multiplications by it: the kernel runs one
 * sequence of operations for all keys (kernels/ristretto255.ts). Whoever holds the key, and whoever
 * may ask without limit, can evaluate a dictionary of names: count requests by client.
 * @module
 */
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';
import { outputOf } from './client.ts';
import { generateProof } from './dleq.ts';
import { checkInputs, elementAt, elementCount, type OprfContext, tagOf } from './group.ts';
import type { OprfKeyPair } from './keys.ts';

/** BlindEvaluate, mode OPRF. */
export function blindEvaluate(
  { group }: OprfContext,
  key: Secret,
  blinded: Uint8Array,
): Uint8Array {
  elementCount(group, blinded);
  return group.multiply(blinded, key.expose());
}

/** BlindEvaluate, mode VOPRF. The proof is one for the whole batch. */
export function blindEvaluateVerified(
  context: OprfContext,
  { secretKey, publicKey }: OprfKeyPair,
  blinded: Uint8Array,
  rng: Rng,
): { readonly evaluated: Uint8Array; readonly proof: Uint8Array } {
  const evaluated = blindEvaluate(context, secretKey, blinded);
  const proof = generateProof(context, secretKey, publicKey, blinded, evaluated, rng);
  return { evaluated, proof };
}

/** Evaluate: the outputs for the key holder's own inputs. */
export function evaluate(
  context: OprfContext,
  key: Secret,
  inputs: readonly Uint8Array[],
): Uint8Array[] {
  checkInputs(inputs);
  const { group } = context;
  const tag = tagOf(context, 'HashToGroup-');
  const elements = group.multiplyHashed(inputs, tag, key.expose());
  return inputs.map((input, i) => outputOf(context, input, elementAt(group, elements, i)));
}
