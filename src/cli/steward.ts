/** What a steward's command needs: the study, and which holder a key speaks for. @module */
import type { Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { readPartlySigned, type SignedStudy, type Study } from '../flows/study-terms.ts';
import { holderOfSteward } from '../study/signatures.ts';
import { atDesk } from './desk.ts';
import type { Io } from './io.ts';
import { readStudyFile } from './study-file.ts';

/** From a file, or by its id from the own holder. */
export const studyAt = async (io: Io, data: string, study: string): Promise<Study> =>
  (await signedStudyAt(io, data, study)).study;

/** The same with its signatures, and every version before it. */
export async function signedStudyAt(io: Io, data: string, study: string): Promise<SignedStudy> {
  if (!DIGEST_PATTERN.test(study)) return readStudyFile(io, study);
  const answer = await atDesk(io, data, {
    running: (ask) => ask('GET', `/v1/studies/${study}`),
    offline: (_, budget) => budget.draft(study),
  });
  const signed = readPartlySigned((answer as { readonly signed: Json }).signed);
  check(signed.study.id === study, 'PROOF_REJECTED', 'another study than asked for');
  return signed;
}

/** A key is a steward of one holder only: the study's parser and amendments see to it. */
export function stewardOf(study: Study, key: PublicKeyText): string {
  const holder = holderOfSteward(study, key);
  check(holder !== undefined, 'FORBIDDEN', 'this key is no steward key of the study');
  return holder;
}
