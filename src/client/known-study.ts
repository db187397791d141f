/** A study as the sandbox shows it, checked against the id that its parties compared. @module */
import type { Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { readPartlySigned, type SignedStudy, type Study } from '../flows/study-terms.ts';
import { verifySigned } from '../study/signatures.ts';
import type { StudyAnswer } from './answers.ts';

/** A study as the sandbox has it, and what each holder said to it. */
export type KnownStudy = {
  readonly signed: SignedStudy;
  readonly study: Study;
  readonly accepted: Readonly<Record<string, boolean>>;
  readonly refused: Readonly<Record<string, string>>;
};

/** Refuses with PROOF_REJECTED another study: a sandbox cannot swap identity keys under an id. */
export function knownStudy(
  id: Digest,
  { signed: json, accepted, refused = {} }: StudyAnswer,
): KnownStudy {
  const signed = readPartlySigned(json as Json);
  const { study } = signed;
  check(study.id === id, 'PROOF_REJECTED', 'another study under this id');
  // Of an amended one the id says nothing any more: the signatures of every version do.
  if (study.version > 1) verifySigned(signed);
  return { signed, study, accepted, refused };
}
