/**
 * The adaptive filter, and what each step of a run may append.
 *
 * Paper   Feldman, Zrnic, NeurIPS 2021; Whitehouse, Ramdas, Rogers, Wu, ICML 2023: a sum of
 *         adaptively chosen rho compared with a limit fixed beforehand is a valid stopping rule,
 *         and so is the sum of delta beside it. A refusal costs nothing and ends nothing.
 * Exact   fractions: three charges of 1/10 fit into 3/10 and leave 0/1.
 *
 * Each function decides from the state alone; the caller appends what it names, under one lock, and
 * makes it durable before acting on it. 'known' means the entry is there already: retries are free.
 *
 * The same vector key again (rulings 9): once a vector is stored under it, a new run replays that
 * vector at no charge. While the earlier run has none yet (reserved, or interrupted after it
 * touched data) a *new* run is a charge of its own and gets noise of its own: to lend it the open
 * reservation would leave it uncharged if that one were aborted. Resuming the earlier run under
 * its own id costs nothing and is the better thing to do.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Rational } from '../base/rational.ts';
import { minus } from './amount.ts';
import { type Ceilings, checkCeilings, checkFits, type Limits } from './ceilings.ts';
import { type Amount, amountText, type EntryBody } from './entry.ts';
import { type Account, disclosuresOf, type LedgerState, type Run } from './state.ts';

export type Request = {
  readonly study: Digest;
  readonly run: Digest;
  readonly plan: Digest;
  /** Names the noised vector: same key, same vector, no new charge (rulings 9). */
  readonly vectorKey: Digest;
  readonly rho: Rational;
  readonly delta: Rational;
  /** The loaded rows that the run will count, which `vectorKey` names: touching others is refused. */
  readonly version: Digest;
  /** To the noise seed that is set aside with it. */
  readonly commitment: Digest;
  /** By name in the study. */
  readonly analyst?: string | undefined;
  /** What it discloses by agreement, and how often the study allows that. */
  readonly disclosure?: { readonly output: string; readonly quota: number } | undefined;
  /** Beside the budget of the study. */
  readonly ceilings?: Ceilings | undefined;
  /** The version of the study that is asked under; the first one where not given. */
  readonly agreement?: Digest | undefined;
};

export type ReserveDecision =
  | { readonly kind: 'charge' }
  /** Use the vector of run `of`; `commitment` names the noise that stands. */
  | { readonly kind: 'replay'; readonly of: Digest; readonly commitment: Digest }
  /** This run is in the ledger: `charged` as it was then, `commitment` of the noise that stands. */
  | { readonly kind: 'known'; readonly charged: boolean; readonly commitment: Digest };

function known(run: Run, request: Request): ReserveDecision {
  check(
    run.study === request.study &&
      run.plan === request.plan &&
      run.vectorKey === request.vectorKey &&
      (run.of !== undefined || run.charge.rho.equals(request.rho)) &&
      (run.of !== undefined || run.charge.delta.equals(request.delta)),
    'CONFLICT',
    'run is reserved for something else',
  );
  const over = run.status === 'aborted' || run.status === 'lost';
  check(!over, 'PROTOCOL_STATE', `run is ${run.status}`);
  return { kind: 'known', charged: run.of === undefined, commitment: run.commitment };
}

const used = ({ granted, left }: Account): Amount => minus(granted, left);

/**
 * What a request to reserve leads to. Refuses with STUDY_UNKNOWN, STUDY_AMENDED, CONFLICT, PROTOCOL_STATE,
 * COHORT_CHANGED, DISCLOSURES_EXHAUSTED, or the code of the first ceiling that does not hold it (ceilings.ts).
 */
export function reserveDecision(
  state: LedgerState,
  request: Request,
  limits: Limits = {},
): ReserveDecision {
  check(
    request.rho.sign() > 0 && request.delta.sign() >= 0,
    'INVALID_PARAMETER',
    'a charge is positive',
  );
  const run = state.runs.get(request.run);
  if (run !== undefined) return known(run, request);
  const account = state.studies.get(request.study);
  check(account !== undefined, 'STUDY_UNKNOWN', 'study without grant');
  // In the transaction that books: no run is reserved under a version that was amended before.
  const present = (request.agreement ?? request.study) === account.agreement;
  check(present, 'STUDY_AMENDED', 'another version of the study is in force');
  const cohort = state.cohorts.get(request.study);
  const booked =
    cohort !== undefined && cohort.version !== '' && cohort.version === request.version;
  check(booked, 'COHORT_CHANGED', 'not the rows that are booked');

  const stored = state.vectors.get(request.vectorKey);
  const source = stored && state.runs.get(stored.run);
  if (stored && source) {
    check(source.study === request.study, 'CONFLICT', 'vector key of another study');
    return { kind: 'replay', of: stored.run, commitment: source.commitment };
  }
  // The same noise twice would cancel out (rulings 20).
  check(!state.seeds.has(request.commitment), 'CONFLICT', 'noise seed of another run');
  const { disclosure } = request;
  const left = disclosure === undefined || disclosuresOf(state, request.study) < disclosure.quota;
  check(left, 'DISCLOSURES_EXHAUSTED', `${disclosure?.quota ?? 0} disclosures`);
  const asked = { rho: request.rho, delta: request.delta };
  checkFits('BUDGET_EXHAUSTED', state.holder, asked, account.granted, used(account));
  checkCeilings(state, { ...request, ...asked, epochs: cohort.epochs }, limits);
  return { kind: 'charge' };
}

/** The entry that a decision on `request` leads to, or undefined where it is known. */
export function reserveEntry(decision: ReserveDecision, request: Request): EntryBody | undefined {
  const { study, run, plan, vectorKey, agreement } = request;
  const version = agreement !== undefined && agreement !== study ? { agreement } : {};
  if (decision.kind === 'known') return undefined;
  if (decision.kind === 'replay') {
    return { type: 'replay', study, run, plan, vectorKey, of: decision.of, ...version };
  }
  const { analyst, disclosure, commitment } = request;
  const asked = { study, run, plan, vectorKey, ...amountText(request), commitment };
  return {
    type: 'reserve',
    ...asked,
    ...(analyst !== undefined && { analyst }),
    ...(disclosure !== undefined && { discloses: disclosure.output }),
    ...version,
  };
}

/** Undefined when the same grant is there already; CONFLICT when another is. */
export function grantEntry(
  state: LedgerState,
  study: Digest,
  amount: Amount,
): EntryBody | undefined {
  const account = state.studies.get(study);
  if (account === undefined) return { type: 'grant', study, ...amountText(amount) };
  // An amended study says something else by now.
  if (account.agreement !== study) return undefined;
  const same = account.signed.rho.equals(amount.rho) && account.signed.delta.equals(amount.delta);
  check(same, 'CONFLICT', 'another grant for this study');
  return undefined;
}

/** Undefined when this grant was added already. Refuses with STUDY_UNKNOWN. */
export function raiseEntry(
  state: LedgerState,
  study: Digest,
  grant: Digest,
  amount: Amount,
): EntryBody | undefined {
  check(state.studies.has(study), 'STUDY_UNKNOWN', 'study without grant');
  if (state.raises.has(grant)) return undefined;
  check(amount.rho.sign() >= 0 && amount.delta.sign() >= 0, 'INVALID_PARAMETER', 'a raise adds');
  return { type: 'raise', study, grant, ...amountText(amount) };
}
