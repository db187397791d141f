/** What a narrowing (study/narrowing.ts) leaves of a run that is not reserved yet. @module */
import { asRefusal, check, Refusal } from '../../base/errors.ts';
import type { Ceilings } from '../../ledger/ceilings.ts';
import type { Amount } from '../../ledger/entry.ts';
import { ceilingsOf } from '../../study/ceilings.ts';
import { sameThresholds } from '../../study/narrowing.ts';
import { checkLive } from '../../study/terms.ts';
import type { Study } from '../study-terms.ts';
import { type CompiledRun, compileRun, type RunRequest } from './compile-run.ts';

const tighter = (a: Amount | undefined, b: Amount | undefined): Amount | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    rho: a.rho.atMost(b.rho) ? a.rho : b.rho,
    delta: a.delta.atMost(b.delta) ? a.delta : b.delta,
  };
};

const narrowed = (before: Ceilings | undefined, after: Ceilings | undefined): Ceilings => {
  const country = after?.country ?? before?.country;
  return {
    study: tighter(before?.study, after?.study),
    analyst: tighter(before?.analyst, after?.analyst),
    country: country && {
      holders: country.holders,
      limit: tighter(before?.country?.limit, after?.country?.limit) ?? country.limit,
    },
  };
};

function compiledUnder(narrower: Study, request: RunRequest): CompiledRun {
  try {
    return compileRun(narrower, request);
  } catch (cause) {
    const { code } = asRefusal(cause);
    throw new Refusal('STUDY_NARROWED', code, undefined, { cause });
  }
}

/**
 * The run with the ceilings and approvals of both. Refuses with STUDY_NARROWED where the narrower version has
 * not its analyst, or would not answer it, or not with what is shown of it; and with STUDY_EXPIRED.
 */
export function narrowRun(
  run: CompiledRun,
  { present, narrower }: { readonly present: Study; readonly narrower: Study },
  request: RunRequest,
  now: Date,
): CompiledRun {
  checkLive(narrower, now);
  const { analyst } = run;
  const named = ({ analysts }: Study) => analysts.find(({ name }) => name === analyst)?.key;
  check(named(narrower) === named(present), 'STUDY_NARROWED', `analyst ${analyst}`);
  check(sameThresholds(present, narrower), 'STUDY_NARROWED', 'higher thresholds');
  const { approvals } = compiledUnder(narrower, request);
  const limits = ceilingsOf(narrower);
  const ceilings = new Map(
    present.holders.map(({ name }): [string, Ceilings] => {
      const own = { ...limits.get(name), study: narrower.budget.get(name) };
      return [name, narrowed(run.ceilings.get(name), own)];
    }),
  );
  return { ...run, approvals: Math.max(run.approvals, approvals), ceilings };
}
