/**
 * How a run that was refused ends (DESIGN section 9, "Run states"):
 *
 *     stopped      a steward stopped the study
 *     incomplete   a holder touched data, or may have: its charge stands
 *     refused      a holder said no before any could touch data: free
 *     aborted      the run broke before any could touch data: free
 *
 * A holder touches data only after it saw every reservation, so until they are all here nobody
 * has. From then on it has, unless it signed that it had not.
 * @module
 */
import type { ErrorCode } from '../base/errors.ts';
import type { FrameKind } from '../flows/frame.ts';
import type { RunState } from '../flows/ports.ts';

/** Faults of this machine: the same frames may well give a release later. */
export const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL',
  'NOT_FOUND',
  'CONFLICT',
  'SHUTTING_DOWN',
  'DATA_DIRECTORY_BUSY',
  'DATABASE_UNREACHABLE',
  'DATA_DIRECTORY_DAMAGED',
]);

export type OutcomeFacts = {
  readonly holders: readonly string[];
  readonly history: readonly { readonly from: string; readonly kind: FrameKind }[];
  readonly refusals: readonly {
    readonly holder: string;
    readonly code: ErrorCode;
    readonly touched: boolean;
  }[];
  /** The code that decided. */
  readonly code: ErrorCode;
};

/** Kinds that a holder sends only once it has touched data. */
const AFTER_TOUCH: readonly FrameKind[] = ['contribution', 'share', 'receipt', 'cosignature'];

export function outcomeOf({ holders, history, refusals, code }: OutcomeFacts): RunState {
  if (code === 'STUDY_STOPPED') return 'stopped';
  const sent = (holder: string, kinds: readonly FrameKind[]): boolean =>
    history.some(({ from, kind }) => from === holder && kinds.includes(kind));
  const mayTouch = holders.every((holder) => sent(holder, ['reservation']));
  const touched = holders.some((holder) => {
    const word = refusals.find((one) => one.holder === holder);
    if (word !== undefined) return word.touched || sent(holder, AFTER_TOUCH);
    return mayTouch || sent(holder, AFTER_TOUCH);
  });
  if (touched) return 'incomplete';
  const saidNo = refusals.some((one) => one.code === code && code !== 'RUN_ABORTED');
  return saidNo && !mayTouch ? 'refused' : 'aborted';
}
