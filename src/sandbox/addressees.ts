/** Who a frame of a holder may be for, by its kind. @module */
import { check } from '../base/errors.ts';
import { EVERYONE, type Frame, type FrameKind, SANDBOX } from '../flows/frame.ts';
import type { Study } from '../flows/study-terms.ts';
import { versionOf } from '../study/versions.ts';

/** Who a kind of frame may be for. What is for one holder is sealed to it. */
const ADDRESSEE: Partial<Record<FrameKind, 'everyone' | 'holder' | 'sandbox'>> = {
  'run-key': 'everyone',
  plan: 'everyone',
  'mask-key': 'holder',
  reservation: 'everyone',
  contribution: 'everyone',
  share: 'everyone',
  receipt: 'sandbox',
  cosignature: 'sandbox',
  refusal: 'everyone',
  recover: 'everyone',
  mirror: 'everyone',
  recovered: 'everyone',
  erasure: 'sandbox',
};
/** Of a version of a study, where the run of a frame is its digest. */
const STUDY_KINDS: readonly FrameKind[] = ['accepted', 'refusal', 'cosignature'];

/** Names of the holders whose inbox it goes into. Refuses with MALFORMED_MESSAGE. */
export function addressees({ kind, from, to, run }: Frame, study: Study): string[] {
  const others = study.holders.map(({ name }) => name).filter((name) => name !== from);
  if (versionOf(study, run) !== undefined) {
    check(STUDY_KINDS.includes(kind), 'MALFORMED_MESSAGE', `${kind} of a study`);
    check(to === EVERYONE || to === SANDBOX, 'MALFORMED_MESSAGE', `${kind} to one`);
    return to === EVERYONE ? others : [];
  }
  const addressee = ADDRESSEE[kind];
  const fits =
    (addressee === 'everyone' && to === EVERYONE) ||
    (addressee === 'sandbox' && to === SANDBOX) ||
    (addressee === 'holder' && others.includes(to));
  check(fits, 'MALFORMED_MESSAGE', `${kind} to the wrong addressee`);
  if (to === EVERYONE) return others;
  return to === SANDBOX ? [] : [to];
}
