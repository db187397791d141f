/**
 * The holder opens the result of a plan: decrypts, checks, and adds up the people's slots.
 *
 * The sandbox may have returned anything, a ciphertext made to reveal the key included: c1 = 1 and
 * c0 = 0 decrypts to the secret key itself. What decrypts is therefore looked at before it is used:
 * every slot must lie within the public bounds of its people and every check slot must hold exactly
 * what the check rows sum to (check-rows.ts). Anything else is one refusal that does not say why, and
 * **the holder answers no further result under this key**: an answer is one bit about the key or the
 * check slots, and a second try must not be had. The caller keeps that state.
 *
 * Against a sandbox that follows the plan the result is exact. Sums come out exact and un-noised,
 * inside the holder's process; the flow adds the noise before anything leaves it.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { BlobCodec } from './blob.ts';
import { slotLayout } from './check-rows.ts';
import type { Row } from './encrypt-columns.ts';
import { type HolderKey, openSecretKey } from './holder-key.ts';
import { Scope, type SealSession } from './library.ts';
import { checkSums, plainSums } from './plain.ts';
import type { Cell, ColumnPlan } from './plan.ts';
import type { Schema } from './schema.ts';

const withinBounds = ({ low, high }: Cell, blocks: number, slots: BigInt64Array): boolean => {
  const [least, most] = [low * BigInt(blocks), high * BigInt(blocks)];
  return slots.reduce((ok, value) => value >= least && value <= most && ok, true);
};

/**
 * The sums of a plan's cells, in its order, in encrypted units.
 *
 * Refuses with MALFORMED_MESSAGE payloads of the wrong form and with PROOF_REJECTED a result that is
 * not that of the plan; after either this key is to be retired.
 */
export function openResult(
  session: SealSession,
  codec: BlobCodec,
  key: HolderKey,
  schema: Schema,
  plan: ColumnPlan,
  results: readonly Uint8Array[],
): bigint[] {
  check(results.length === plan.cells.length, 'MALFORMED_MESSAGE', `${results.length} results`);
  using scope = new Scope();
  const { seal, context, encoder } = session;
  const secret = openSecretKey(session, codec, key, scope);
  const decryptor = scope.own(seal.Decryptor(context, secret));
  const ciphertext = scope.own(seal.CipherText());
  const plaintext = scope.own(seal.PlainText());
  const layout = slotLayout(key.check);
  const sealed = results.map((payload) => codec.toSeal('result', payload));
  let sound = true;
  const sums = plan.cells.map((cell, i) => {
    ciphertext.loadArray(context, sealed[i] ?? new Uint8Array());
    decryptor.decrypt(ciphertext, plaintext);
    const slots = encoder.decodeBigInt(plaintext, true) as BigInt64Array;
    const expected = checkSums(plan, cell, schema, key, layout);
    const checksHold = expected.every((sum, j) => slots[layout.checks[j] ?? 0] === sum);
    sound = withinBounds(cell, plan.blocks, slots) && checksHold && sound;
    return layout.people.reduce((sum, slot) => sum + (slots[slot] ?? 0n), 0n);
  });
  check(sound, 'PROOF_REJECTED', 'result is not that of the plan');
  return sums;
}

/** For a holder that still has the rows: PROOF_REJECTED unless the sums are exactly theirs. */
export function checkExactly(
  plan: ColumnPlan,
  schema: Schema,
  rows: readonly Row[],
  sums: readonly bigint[],
): void {
  const exact = plainSums(plan, schema, rows);
  const equal = exact.length === sums.length && exact.every((sum, i) => sum === sums[i]);
  check(equal, 'PROOF_REJECTED', 'result differs from the rows');
}
