/** What a holder signs when the keys of an ended run are gone (audit/erasure.ts, rulings 38). @module */
import { signErasure } from '../audit/erasure.ts';
import { canonicalBytes } from '../base/canonical-json.ts';
import type { Digest } from '../base/hash.ts';
import type { HolderPorts } from '../flows/ports.ts';

/** Of the keys that are deleted in the transaction that also keeps this. */
export const erasureStatement =
  ({
    study,
    run,
    ports: { holder, key, clock },
  }: {
    readonly study: Digest;
    readonly run: Digest;
    readonly ports: Pick<HolderPorts, 'holder' | 'key' | 'clock'>;
  }) =>
  (keys: readonly string[]): Uint8Array =>
    canonicalBytes(
      signErasure(
        {
          study,
          holder,
          of: { kind: 'run', id: run },
          keys: [...keys],
          sandbox: null,
          at: clock.now(),
        },
        key,
      ),
    );
