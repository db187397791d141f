/**
 * The point after which a linked run is finished or lost (kill -9 included).
 *
 * What the parties say between here and the vector is in memory only and said once: the noise of a ticket is always
 * the same, and a sandbox that leaves out other pairs the second time would get the difference of two results
 * without noise. So a run that was begun and did not come to its vector is over (RUN_INCOMPLETE), its charge stays, and
 * another attempt is another run with other noise. From the vector on, every step is durable again.
 * @module
 */
import { Refusal } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Ledger, Steps } from '../ports.ts';

type Ports = { readonly steps: Steps; readonly ledger: Ledger };

const NOTHING = new Uint8Array(0);

/** Marks the run as begun, durably, before data is touched; false where it was before. */
export async function begin(run: Digest, { steps, ledger }: Ports): Promise<boolean> {
  const computed: true[] = [];
  await steps.once(run, 'linked-begun', () => {
    computed.push(true);
    return Promise.resolve(NOTHING);
  });
  const first = computed.length > 0;
  if (first) await ledger.touch(run);
  return first;
}

export const incomplete = (): Refusal =>
  new Refusal('RUN_INCOMPLETE', 'a linked run is attempted once');

/** B, once everything that A opens has left: from here on A's vector may come. */
export const markAnswered = async (run: Digest, { steps }: Ports): Promise<void> => {
  await steps.once(run, 'linked-answered', () => Promise.resolve(NOTHING));
};

/** Of a run that B began before: refuses with RUN_INCOMPLETE unless it answered. */
export const checkAnswered = async (run: Digest, { steps }: Ports): Promise<void> => {
  await steps.once(run, 'linked-answered', () => Promise.reject(incomplete()));
};
