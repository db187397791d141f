// A holder uploads encrypted columns and goes offline; the sandbox counts and sums blind.
import { systemRng } from '../../../src/base/rng.ts';
import { BlobCodec } from '../../../src/he/seal/blob.ts';
import { encryptColumns, type Row } from '../../../src/he/seal/encrypt-columns.ts';
import { combine, Evaluation } from '../../../src/he/seal/evaluate.ts';
import { generateHolderKey } from '../../../src/he/seal/holder-key.ts';
import { SealSession } from '../../../src/he/seal/library.ts';
import { openResult } from '../../../src/he/seal/open-result.ts';
import { blocksFor } from '../../../src/he/seal/parameters.ts';
import { planColumns } from '../../../src/he/seal/plan.ts';
import type { Schema } from '../../../src/he/seal/schema.ts';

const schema: Schema = {
  treated: { type: 'indicator' },
  sex: { type: 'category', domain: ['F', 'M'] },
  hba1c: { type: 'fixed', min: 3, max: 20, perUnit: 10 },
};

/** Treated people by sex (F, M, unknown), and the sum of HbA1c of the treated in tenths. */
export async function treatedBySex(rows: readonly Row[]): Promise<bigint[]> {
  using session = await SealSession.open();
  const codec = new BlobCodec(session);

  // At the holder, once.
  const key = generateHolderKey(session, codec, systemRng);
  const stored = new Map<number, Map<string, Uint8Array>>();
  for (const { block, column, blob } of encryptColumns(session, codec, key, schema, rows)) {
    stored.set(block, (stored.get(block) ?? new Map<string, Uint8Array>()).set(column, blob));
  }

  // In the sandbox, for each plan: it has the stored payloads and the relinearisation key.
  const blocks = blocksFor(rows.length);
  const counts = planColumns(
    schema,
    { filter: 'treated', groupBy: 'sex', measures: [{ kind: 'count' }] },
    blocks,
  );
  const sum = planColumns(
    schema,
    { filter: 'treated', measures: [{ kind: 'sum', of: 'hba1c' }] },
    blocks,
  );
  const answers = [counts, sum].map((plan) => {
    using evaluation = new Evaluation(session, codec, plan);
    for (const [block, columns] of stored) evaluation.add(block, columns);
    const partials = evaluation.finish(key.relinearisation);
    return partials.map((partial) => combine(session, codec, [partial]));
  });

  // At the holder again: exact sums, checked. The flow adds the noise before anything leaves.
  return [counts, sum].flatMap((plan, i) =>
    openResult(session, codec, key, schema, plan, answers[i] ?? []),
  );
}
