/**
 * How a holder ends its part of a run, signed: the code and what it may say in public, and
 * whether this holder had touched data. A refusal before that is free.
 * @module
 */
import { fromUtf8 } from '../../base/bytes.ts';
import { canonicalBytes, parseStrict } from '../../base/canonical-json.ts';
import {
  type BudgetFields,
  check,
  type ErrorCode,
  type LimitFields,
  PUBLIC_MESSAGE,
  type Refusal,
  refuseAs,
} from '../../base/errors.ts';
import { FIRST_EPOCH, LAST_EPOCH } from './compile-run.ts';
import { checkAmounts } from './reservation.ts';

/** What the other parties may learn about why (rulings 13): nothing that depends on a row. */
const SPOKEN = [
  'BUDGET_EXHAUSTED',
  'ANALYST_LIMIT_EXHAUSTED',
  'COUNTRY_LIMIT_EXHAUSTED',
  'HOLDER_LIMIT_EXHAUSTED',
  'EPOCH_LIMIT_EXHAUSTED',
  'COHORT_CHANGED',
  'APPROVAL_DENIED',
  'STUDY_UNSIGNED',
  'STUDY_UNKNOWN',
  'STUDY_EXPIRED',
  'STUDY_STOPPED',
  'STUDY_AMENDED',
  'STUDY_NARROWED',
  'AMENDMENT_CONFLICT',
  'AMENDMENT_REFUSED',
  'STEWARD_NOT_PINNED',
  'IDENTITY_NOT_PINNED',
  'SIGNATURE_REJECTED',
  'INVALID_STUDY',
  'RULE_REFUSED',
  'INVALID_QUERY',
  'QUERY_EXPIRED',
  'OPERATION_NOT_ALLOWED',
  'DISCLOSURES_EXHAUSTED',
  'DEPTH',
  'PLAINTEXT_RANGE',
  'NOISE_RANGE',
  'PLAN_MISMATCH',
  'MALFORMED_MESSAGE',
  'SUM_REJECTED',
  'SHARE_REFUSED',
  'LEDGER_ROLLBACK',
  'LOG_FORKED',
  'SEQUENCE_CONFLICT',
  'RUN_ABORTED',
  'RUN_INCOMPLETE',
  'PROOF_REJECTED',
  'COHORT_MISSING',
  'IMAGE_MISSING',
  'PLACE_UNAVAILABLE',
  'IMAGE_REJECTED',
  'IMAGE_UNSIGNED',
  'PROCESS_FAILED',
  'ENCRYPTION_PARAMETERS',
  'KEY_EPOCH',
] as const satisfies readonly ErrorCode[];

export type RunRefusal = {
  readonly code: ErrorCode;
  readonly touched: boolean;
  readonly fields?: BudgetFields | LimitFields;
  /** With KEY_EPOCH: the epoch that the holder would enter. */
  readonly epoch?: number;
};

/** Ceilings of a study, whose asker may know what was spent and is left. */
export const isStudyCeiling = (
  code: ErrorCode,
): code is 'BUDGET_EXHAUSTED' | 'ANALYST_LIMIT_EXHAUSTED' | 'COUNTRY_LIMIT_EXHAUSTED' =>
  code === 'BUDGET_EXHAUSTED' ||
  code === 'ANALYST_LIMIT_EXHAUSTED' ||
  code === 'COUNTRY_LIMIT_EXHAUSTED';

/** Limits over several studies. */
export const isHolderLimit = (
  code: ErrorCode,
): code is 'HOLDER_LIMIT_EXHAUSTED' | 'EPOCH_LIMIT_EXHAUSTED' =>
  code === 'HOLDER_LIMIT_EXHAUSTED' || code === 'EPOCH_LIMIT_EXHAUSTED';

function spokenFields({ code, fields }: Refusal): RunRefusal['fields'] {
  if (!isStudyCeiling(code) && !isHolderLimit(code)) return undefined;
  return fields as RunRefusal['fields'];
}

const isEpoch = (refusal: Refusal): refusal is Refusal<'KEY_EPOCH'> => refusal.code === 'KEY_EPOCH';

export function encodeRefusal(refusal: Refusal, touched: boolean): Uint8Array {
  const code = SPOKEN.find((one) => one === refusal.code) ?? 'INTERNAL';
  const fields = spokenFields(refusal);
  const epoch = isEpoch(refusal) ? refusal.fields?.epoch : undefined;
  return canonicalBytes({
    code,
    touched,
    ...(fields === undefined ? {} : { fields }),
    ...(epoch === undefined ? {} : { epoch }),
  });
}

/** Reads what `holder` said; amounts and epochs are checked to be such, the rest is dropped. */
export function decodeRefusal(body: Uint8Array, holder: string): RunRefusal {
  return refuseAs('MALFORMED_MESSAGE', 'refusal', () => {
    const value = parseStrict(fromUtf8(body)) as unknown as RunRefusal;
    const known = Object.hasOwn(PUBLIC_MESSAGE, value.code) && typeof value.touched === 'boolean';
    check(known, 'MALFORMED_MESSAGE', 'refusal shape');
    const { code, touched, fields, epoch } = value;
    if (epoch !== undefined) {
      const counted = Number.isSafeInteger(epoch) && epoch >= FIRST_EPOCH && epoch <= LAST_EPOCH;
      check(counted && code === 'KEY_EPOCH', 'MALFORMED_MESSAGE', 'key epoch of a refusal');
      return { code, touched, epoch };
    }
    if (fields === undefined) return { code, touched };
    const { asked } = fields;
    checkAmounts(asked);
    if (!('left' in fields)) return { code, touched, fields: { holder, asked } };
    const { spent, left } = fields;
    checkAmounts(spent, left);
    return { code, touched, fields: { holder, asked, spent, left } };
  });
}
