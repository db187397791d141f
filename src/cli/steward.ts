/** What a steward's command needs: the study, and which holder a key speaks for. @module */
import type { Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { DIGEST_PATTERN, type Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { readDraft, type Study } from '../flows/study-terms.ts';
import { atDesk } from './desk.ts';
import type { Io } from './io.ts';
import { readStudyFile } from './study-file.ts';

/** From a file, or by its id from the own holder. */
export async function studyAt(io: Io, data: string, study: string): Promise<Study> {
  if (!DIGEST_PATTERN.test(study)) return (await readStudyFile(io, study)).study;
  const answer = await atDesk(io, data, {
    running: (ask) => ask('GET', `/v1/studies/${study}`),
    offline: (_, budget) => budget.draft(study),
  });
  return sameStudy((answer as { readonly study: Json }).study, study);
}

function sameStudy(draft: Json, id: Digest): Study {
  const study = readDraft(draft);
  check(study.id === id, 'PROOF_REJECTED', 'another study than asked for');
  return study;
}

/** A key is a steward of one holder only: the study's parser sees to it. */
export function stewardOf(study: Study, key: PublicKeyText): string {
  const holder = study.holders.find(({ stewards }) => stewards.keys.includes(key));
  check(holder !== undefined, 'FORBIDDEN', 'this key is no steward key of the study');
  return holder.name;
}
