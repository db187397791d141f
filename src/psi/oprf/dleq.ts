/**
 * A batched proof that log_B(pk) = log_C[i](D[i]) for all i: RFC 9497 section 2.2, the
 * Chaum-Pedersen proof made non-interactive, over one random combination of the batch.
 *
 * Sound in the random oracle model: a server that used another key for any item passes with
 * negligible probability. Zero knowledge: the proof says nothing else about the key.
 * @module
 */
import { concat, equalBytes, utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { twoBytes } from './expand-message.ts';
import { elementAt, elementCount, type OprfContext, tagOf } from './group.ts';

/** The index in a batch has two bytes (section 2.2.1). */
export const MAX_BATCH = 65535;

const prefixed = (bytes: Uint8Array): Uint8Array => concat(twoBytes(bytes.length), bytes);

/** The weights d_i of ComputeComposites, section 2.2.1. */
function weights(
  context: OprfContext,
  publicKey: Uint8Array,
  c: Uint8Array,
  d: Uint8Array,
): Uint8Array {
  const { group } = context;
  const n = elementCount(group, c);
  check(n <= MAX_BATCH, 'INVALID_PARAMETER', `batch of ${n}`);
  check(d.length === c.length, 'MALFORMED_MESSAGE', `${d.length} bytes for ${n} elements`);
  const seed = group.hash(concat(prefixed(publicKey), prefixed(tagOf(context, 'Seed-'))));
  const tag = tagOf(context, 'HashToScalar-');
  const out = new Uint8Array(n * group.scalarBytes);
  for (let i = 0; i < n; i++) {
    const transcript = concat(
      ...[prefixed(seed), twoBytes(i)],
      ...[prefixed(elementAt(group, c, i)), prefixed(elementAt(group, d, i)), utf8('Composite')],
    );
    out.set(group.hashToScalar(transcript, tag), i * group.scalarBytes);
  }
  return out;
}

/** The challenge of sections 2.2.1 and 2.2.2. */
const challenge = (context: OprfContext, parts: readonly Uint8Array[]): Uint8Array =>
  context.group.hashToScalar(
    concat(...parts.map(prefixed), utf8('Challenge')),
    tagOf(context, 'HashToScalar-'),
  );

/** GenerateProof(k, B, pk, C, D): the challenge and the response, two scalars. */
export function generateProof(
  context: OprfContext,
  key: Secret,
  publicKey: Uint8Array,
  c: Uint8Array,
  d: Uint8Array,
  rng: Rng,
): Uint8Array {
  const { group } = context;
  const m = group.combine(c, weights(context, publicKey, c, d));
  const z = group.multiply(m, key.expose());
  using r = new Secret('dleq nonce', group.randomScalars(1, rng));
  const t2 = group.multiplyBase(r.expose());
  const t3 = group.multiply(m, r.expose());
  const answer = challenge(context, [publicKey, m, z, t2, t3]);
  return concat(answer, group.subtractProduct(r.expose(), answer, key.expose()));
}

/** VerifyProof(B, pk, C, D, proof): PROOF_REJECTED where it does not hold. */
export function verifyProof(
  context: OprfContext,
  publicKey: Uint8Array,
  c: Uint8Array,
  d: Uint8Array,
  proof: Uint8Array,
): void {
  const { group } = context;
  check(proof.length === 2 * group.scalarBytes, 'MALFORMED_MESSAGE', `${proof.length} bytes`);
  group.checkScalars(proof);
  const given = proof.subarray(0, group.scalarBytes);
  const response = proof.subarray(group.scalarBytes);
  const factors = weights(context, publicKey, c, d);
  const m = group.combine(c, factors);
  const z = group.combine(d, factors);
  // t2 = s B + c pk, t3 = s M + c Z
  const t2 = group.combine(concat(group.generator, publicKey), concat(response, given));
  const t3 = group.combine(concat(m, z), concat(response, given));
  const expected = challenge(context, [publicKey, m, z, t2, t3]);
  check(equalBytes(expected, given), 'PROOF_REJECTED', 'DLEQ proof');
}
