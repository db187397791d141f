/**
 * Studies in files: a draft, or the signed form with as many signatures as there are yet.
 * @module
 */
import type { Json } from '../base/canonical-json.ts';
import { readDraft, readPartlySigned, type SignedStudy } from '../flows/study-terms.ts';
import { checkRules } from '../study/rules/evaluate.ts';
import { signedJson } from '../study/signatures.ts';
import { type Io, readJson } from './io.ts';

const isSignedForm = (json: Json): boolean =>
  typeof json === 'object' && json !== null && 'signatures' in json && 'study' in json;

/** The draft inside, unchecked: its keys may still be missing. */
export function draftOf(json: Json): Json {
  return isSignedForm(json) ? (json as { readonly study: Json }).study : json;
}

/** Either form, checked in full but for its signatures; a draft has none. */
export const studyOf = (json: Json): SignedStudy =>
  isSignedForm(json) ? readPartlySigned(json) : { study: readDraft(json), signatures: [] };

/** One that is to be agreed on: refuses with RULE_REFUSED what breaks a rule of a holder's country. */
export function proposedStudyOf(json: Json): SignedStudy {
  const signed = studyOf(json);
  checkRules(signed.study);
  return signed;
}

/** The signed form as a file has it. */
export const signedText = (signed: SignedStudy): string =>
  `${JSON.stringify(signedJson(signed), null, 2)}\n`;

export const readStudyFile = async (io: Io, path: string): Promise<SignedStudy> =>
  studyOf(await readJson(io, path, 'INVALID_STUDY'));
