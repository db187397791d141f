/** The only place that knows both an ErrorCode and an exit code (DESIGN section 9). @module */
import type { ErrorCode } from '../base/errors.ts';

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  budget: 3,
  approval: 4,
  verification: 5,
  unreachable: 6,
  stopped: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Everything else is a failure. */
const BY_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  // the command, or the file that it was given, must be changed
  USAGE: EXIT.usage,
  INVALID_PARAMETER: EXIT.usage,
  INVALID_STUDY: EXIT.usage,
  RULE_REFUSED: EXIT.usage,
  INVALID_QUERY: EXIT.usage,
  INVALID_GRANT: EXIT.usage,
  AMENDMENT_REFUSED: EXIT.usage,
  IMAGE_REJECTED: EXIT.usage,
  DEPTH: EXIT.usage,
  CONFIGURATION_INVALID: EXIT.usage,
  FILE_NOT_FOUND: EXIT.usage,
  FILE_EXISTS: EXIT.usage,
  BUDGET_EXHAUSTED: EXIT.budget,
  HOLDER_LIMIT_EXHAUSTED: EXIT.budget,
  EPOCH_LIMIT_EXHAUSTED: EXIT.budget,
  ANALYST_LIMIT_EXHAUSTED: EXIT.budget,
  COUNTRY_LIMIT_EXHAUSTED: EXIT.budget,
  DISCLOSURES_EXHAUSTED: EXIT.budget,
  STUDY_UNSIGNED: EXIT.approval,
  IMAGE_UNSIGNED: EXIT.approval,
  APPROVAL_PENDING: EXIT.approval,
  GRANT_UNSIGNED: EXIT.approval,
  SIGNATURE_REJECTED: EXIT.verification,
  PROOF_REJECTED: EXIT.verification,
  LOG_FORKED: EXIT.verification,
  SUM_REJECTED: EXIT.verification,
  PLAN_MISMATCH: EXIT.verification,
  LEDGER_ROLLBACK: EXIT.verification,
  LEDGER_CORRUPT: EXIT.verification,
  KERNEL_REJECTED: EXIT.verification,
  HOLDER_UNREACHABLE: EXIT.unreachable,
  HOLDER_NOT_RUNNING: EXIT.unreachable,
  STUDY_STOPPED: EXIT.stopped,
};

export const exitCodeOf = (code: ErrorCode): ExitCode => BY_CODE[code] ?? EXIT.failure;

/** A command that has said everything itself and ends with `code`. */
export class ExitWith extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
