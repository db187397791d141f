/** How a refused run ends: never "free" where data may have been touched. */
import { strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.ts';
import type { FrameKind } from '../../src/flows/frame.ts';
import { outcomeOf } from '../../src/sandbox/run-outcome.ts';

const holders = ['jp', 'lu'];
type Said = readonly [holder: string, code: ErrorCode, touched: boolean];

const outcome = (
  sent: readonly (readonly [string, FrameKind])[],
  said: readonly Said[],
  code: ErrorCode,
) =>
  outcomeOf({
    holders,
    history: sent.map(([from, kind]) => ({ from, kind })),
    refusals: said.map(([holder, one, touched]) => ({ holder, code: one, touched })),
    code,
  });

const RESERVED = [
  ['jp', 'reservation'],
  ['lu', 'reservation'],
] as const;
const NO: Said = ['lu', 'BUDGET_EXHAUSTED', false];

test('a no before every reservation is there is free', () => {
  strictEqual(outcome([], [NO], 'BUDGET_EXHAUSTED'), 'refused');
  strictEqual(outcome([['jp', 'reservation']], [NO], 'BUDGET_EXHAUSTED'), 'refused');
  strictEqual(outcome([], [['lu', 'RUN_ABORTED', false]], 'RUN_ABORTED'), 'aborted');
});

test('what the sandbox finds wrong before data is an abort', () => {
  strictEqual(outcome([['jp', 'reservation']], [], 'MALFORMED_MESSAGE'), 'aborted');
});

test('once every reservation is there, a holder that is silent may have touched data', () => {
  const late: Said = ['lu', 'PLAN_MISMATCH', false];
  strictEqual(outcome(RESERVED, [late], 'PLAN_MISMATCH'), 'incomplete');
  const both: Said[] = [late, ['jp', 'RUN_ABORTED', false]];
  strictEqual(outcome(RESERVED, both, 'PLAN_MISMATCH'), 'aborted');
  const touched: Said[] = [late, ['jp', 'RUN_ABORTED', true]];
  strictEqual(outcome(RESERVED, touched, 'PLAN_MISMATCH'), 'incomplete');
});

test('a contribution is proof of touch, whatever its holder says', () => {
  const sent = [...RESERVED, ['lu', 'contribution']] as const;
  const both: Said[] = [
    ['lu', 'SUM_REJECTED', false],
    ['jp', 'RUN_ABORTED', false],
  ];
  strictEqual(outcome(sent, both, 'SUM_REJECTED'), 'incomplete');
});

test('a stop is a stop at every stage', () => {
  strictEqual(outcome([], [['lu', 'STUDY_STOPPED', false]], 'STUDY_STOPPED'), 'stopped');
  strictEqual(outcome(RESERVED, [['lu', 'STUDY_STOPPED', true]], 'STUDY_STOPPED'), 'stopped');
});
