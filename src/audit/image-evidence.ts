/**
 * What a holder says of a program that it had run for a release: which, where, behind which walls, within which limits,
 * over which input. Labelled `software`: it is the word of a program about itself, no measurement by hardware.
 *
 * Reveals   public facts, and a commitment: HMAC under a key of the holder over its commitment to the loaded rows, the plan
 *           and the block, which fix the input (rulings 22). Nothing of it depends on how the run went: it is made
 *           before a row is touched. How many calls failed, and answers, are nowhere.
 * @module
 */
import { type Static, type TArray, type TObject, Type } from 'typebox';
import { DigestText } from './entry.ts';

const fields = {
  evidence: Type.Literal('software'),
  /** Of the plan: which block it filled, or inside one holder which choice read it. */
  block: Type.Integer({ minimum: 0 }),
  image: DigestText,
  place: Type.Enum(['holder', 'sandbox']),
  /** Digest of the module after the meter, which is what ran. */
  metered: DigestText,
  /** Digest of the script inside the walls. */
  runner: DigestText,
  boundary: Type.Enum(['bubblewrap', 'process']),
  seccomp: Type.Boolean(),
  /** Pages of 64 KiB, and units of each call. */
  memory: Type.Integer({ minimum: 1 }),
  fuel: Type.Integer({ minimum: 1 }),
  input: DigestText,
};

const ImageEvidenceShape: TObject<typeof fields> = Type.Object(fields, {
  additionalProperties: false,
});

/** Of the programs that a run had run; of a vector that was used again they are in the receipt of its run. */
export const ImageEvidencesShape: TArray<typeof ImageEvidenceShape> = Type.Array(
  ImageEvidenceShape,
  { minItems: 1, maxItems: 64 },
);

export type ImageEvidence = Static<typeof ImageEvidenceShape>;
