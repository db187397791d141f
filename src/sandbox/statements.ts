/**
 * Statements of holders that the keys of an ended run are gone (audit/erasure.ts): taken as frames to the
 * sandbox, named by digest in the log where the ciphertexts are deleted here, and shown to the parties of the study.
 * @module
 */
import { type SignedErasure, erasureDigest, readErasure, verifyErasure } from '../audit/erasure.ts';
import type { EntryOf } from '../audit/entry.ts';
import { fromUtf8 } from '../base/bytes.ts';
import { parseStrict } from '../base/canonical-json.ts';
import { check, refuseAs } from '../base/errors.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Frame } from '../flows/frame.ts';

type Said = Pick<Frame, 'study' | 'run' | 'from' | 'body'>;

const statementIn = ({ body }: Said): SignedErasure =>
  refuseAs('MALFORMED_MESSAGE', 'statement', () => readErasure(parseStrict(fromUtf8(body))));

/** Refuses with MALFORMED_MESSAGE what is not about this run, with SIGNATURE_REJECTED what `identity` did not sign. */
export function readStatement(frame: Said, identity: PublicKeyText): SignedErasure {
  const signed = statementIn(frame);
  const { study, holder, of } = verifyErasure(signed, identity);
  const own =
    study === frame.study && holder === frame.from && of.kind === 'run' && of.id === frame.run;
  check(own, 'MALFORMED_MESSAGE', 'statement about something else');
  return signed;
}

/** What the log has of it. */
export const attestedIn = (frame: Said): EntryOf<'erasure'>['statements'][number] => ({
  holder: frame.from,
  digest: erasureDigest(statementIn(frame)),
});
