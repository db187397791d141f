/** The exit codes of DESIGN section 9. */
import { strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { type ErrorCode, PUBLIC_MESSAGE } from '../../src/base/errors.ts';
import { exitCodeOf } from '../../src/cli/exit.ts';

test('each code ends with the exit code of its kind, anything else with 1', () => {
  const expected: Partial<Record<ErrorCode, number>> = {
    USAGE: 2,
    INVALID_QUERY: 2,
    BUDGET_EXHAUSTED: 3,
    HOLDER_LIMIT_EXHAUSTED: 3,
    STUDY_UNSIGNED: 4,
    PROOF_REJECTED: 5,
    SIGNATURE_REJECTED: 5,
    HOLDER_UNREACHABLE: 6,
    STUDY_STOPPED: 7,
    INTERNAL: 1,
    SANDBOX_UNREACHABLE: 1,
    COHORT_EMPTY: 1,
  };
  for (const [code, exit] of Object.entries(expected)) {
    strictEqual(exitCodeOf(code as ErrorCode), exit, code);
  }
  for (const code of Object.keys(PUBLIC_MESSAGE) as ErrorCode[]) {
    const exit = exitCodeOf(code);
    strictEqual(exit >= 1 && exit <= 7, true, code);
  }
});
