/** What this holder says of the programs of a run (audit/image-evidence.ts), made once. @module */
import type { ImageEvidence } from '../../audit/image-evidence.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { canonicalBytes, parseStrict } from '../../base/canonical-json.ts';
import { imageBlocks } from '../../cohort/blocks.ts';
import type { HolderPorts } from '../ports.ts';
import type { ReservedRun } from './reserve.ts';

/**
 * Of the programs that this run has run, fixed before a row is touched, so that nothing in it depends on one; none where
 * an earlier vector is used again.
 */
export async function programEvidence(
  { run, plan, planDigest, study }: ReservedRun,
  { steps, ledger, cohort, images }: HolderPorts,
): Promise<readonly ImageEvidence[]> {
  if (images === undefined || imageBlocks(plan).length === 0) return [];
  const stored = await steps.once(run, 'image-evidence', async () => {
    if ((await ledger.vector(run)) !== undefined) return canonicalBytes([]);
    const epoch = await cohort.epoch(study);
    return canonicalBytes(await images.evidence({ plan, run, planDigest, epoch }));
  });
  return parseStrict(fromUtf8(stored)) as unknown as readonly ImageEvidence[];
}
