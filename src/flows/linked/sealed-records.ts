/**
 * Records between two holders through the sandbox, sealed and numbered.
 *
 *     sealed = AES-256-GCM(record), 16 bytes longer;  nonce = number of the record in its direction
 *
 * Keys        one for each direction, HKDF of the pair's key of this run, which one holder drew and sealed to the other's
 *             signed key of the run (pooled/mask-keys.ts); study, run, flow and both names are in them. A run is
 *             attempted once (begin.ts), so no nonce is used twice.
 * Adversary   whoever carries the records. Anything but the next record of this direction (altered, replayed,
 *             reordered, left out, of another run) is refused with MALFORMED_MESSAGE and ends the run (rulings 36).
 * Leakage     number, time and length of records, which records.ts pads to public classes.
 * @module
 */
import { type Digest, deriveKey } from '../../base/hash.ts';
import { openNumbered, sealNumbered } from '../../base/numbered.ts';
import type { Secret } from '../../base/secret.ts';
import type { Channel } from '../../psi/channel.ts';

/** What the keys are bound to, besides both names. */
export type SealedContext = {
  readonly study: Digest;
  readonly run: Digest;
  readonly flow: string;
};

function keyFor(shared: Secret, context: SealedContext, from: string, to: string): Secret {
  const { study, run, flow } = context;
  return deriveKey(shared, `kakehashi/sealed-records/1 ${study} ${run} ${flow} ${from} ${to}`);
}

/** `own`'s end of the sealed records to `peer` over `carrier`. `shared` stays the caller's. */
export function sealedRecords(
  carrier: Channel,
  shared: Secret,
  context: SealedContext,
  own: string,
  peer: string,
): Channel & Disposable {
  const there = keyFor(shared, context, own, peer);
  const back = keyFor(shared, context, peer, own);
  let [sent, received] = [0, 0];
  return {
    async send(record) {
      const sealed = sealNumbered(there, sent, record);
      sent += 1;
      await carrier.send(sealed);
    },
    async receive() {
      const record = openNumbered(back, received, await carrier.receive());
      received += 1;
      return record;
    },
    [Symbol.dispose]() {
      there[Symbol.dispose]();
      back[Symbol.dispose]();
    },
  };
}
