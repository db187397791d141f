/**
 * The signed input of one holder to the sum of a run (rulings 4): the ciphertext, bound to
 * study, flow, run, plan, parameters, key, layout and ledger head. The frame signs it.
 * @module
 */
import { type Cbor, decodeCbor, encodeCbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import { vectorBytes } from '../../he/collective/vector.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import { FLOW, type CompiledRun } from './compile-run.ts';

/** Everything but the ciphertext; equal at every holder but for the ledger head. */
const header = (run: CompiledRun): readonly Cbor[] => [
  run.study,
  FLOW,
  run.run,
  run.planDigest,
  run.plan.parameters.join(),
  run.keyId,
  run.plan.slots,
  run.plan.split,
];

export const encodeContribution = (
  run: CompiledRun,
  head: LedgerHead,
  ciphertext: Uint8Array,
): Uint8Array => encodeCbor([...header(run), head.sequence, head.hash, ciphertext]);

/**
 * The packed c0 of every block of slots and every parameter set, or MALFORMED_MESSAGE for an input of anything else.
 * `head` is that of the sender's reservation: it contributes to what it reserved for.
 */
export function decodeContribution(
  body: Uint8Array,
  run: CompiledRun,
  head: LedgerHead,
): Uint8Array {
  const item = decodeCbor(body);
  check(Array.isArray(item) && item.length === 11, 'MALFORMED_MESSAGE', 'contribution shape');
  const fields = item as readonly Cbor[];
  check(
    header(run).every((value, index) => fields[index] === value),
    'MALFORMED_MESSAGE',
    'contribution of another run, plan, key or layout',
  );
  check(
    fields[8] === head.sequence && fields[9] === head.hash,
    'MALFORMED_MESSAGE',
    'contribution under another ledger head than its reservation',
  );
  const ciphertext = fields[10];
  check(ciphertext instanceof Uint8Array, 'MALFORMED_MESSAGE', 'contribution ciphertext');
  const expected = vectorBytes(run.sets, run.plan.slots);
  check(
    ciphertext.length === expected,
    'MALFORMED_MESSAGE',
    `ciphertext of ${ciphertext.length} bytes, expected ${expected}`,
  );
  return ciphertext;
}
