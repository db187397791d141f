/**
 * What a ledger's entries add up to: each study's account, each run's standing, the stored vectors.
 *
 *     reserve ──▶ reserved ──touch──▶ touched ──vector──▶ touched + vector ──settle──▶ settled
 *                    └──abort──▶ aborted                    replay ──▶ replayed ──settle──▶ settled
 *                                                                        └──abort──▶ aborted
 *
 * A charge counts from `reserve` and is given back by `abort` only, which is legal only while its
 * own holder has not touched data (rulings 18). Time plays no part. Every transition not drawn
 * above is refused with PROTOCOL_STATE, and so is a reservation beyond what its study has left:
 * an over-spent state cannot be built, not even from a stored ledger.
 *
 * Charges with ever new denominators would let an analyst make the sums as long as he likes, and
 * the ledger as slow. A sum whose denominator passes `LONGEST` is rounded to a multiple of
 * 1/LONGEST, against the analyst: up where it is reserved or spent, down where it is left.
 * @module
 */
import { check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { Rational } from '../base/rational.ts';
import { verifyChain } from './chain.ts';
import {
  type Amount,
  emptyHead,
  type Entry,
  type EntryBody,
  headOf,
  type LedgerHead,
  parseAmount,
} from './entry.ts';

export type RunStatus = 'reserved' | 'touched' | 'settled' | 'aborted' | 'replayed';

export type Run = {
  readonly study: Digest;
  readonly plan: Digest;
  readonly vectorKey: Digest;
  readonly status: RunStatus;
  /** What it was charged; zero for a replay. Kept after an abort, where it no longer counts. */
  readonly charge: Amount;
  /** Commitment to the noise seed of the reservation; that of run `of` for a replay. */
  readonly commitment: Digest;
  /** The run whose vector this one uses. */
  readonly of: Digest | undefined;
  /** The noised vector that this run stored, or uses. */
  readonly vector: Digest | undefined;
  readonly release: Digest | undefined;
};

export type Account = {
  readonly granted: Amount;
  readonly reserved: Amount;
  readonly spent: Amount;
  readonly left: Amount;
};

export type LedgerState = {
  readonly holder: string;
  readonly head: LedgerHead;
  readonly studies: ReadonlyMap<Digest, Account>;
  readonly runs: ReadonlyMap<Digest, Run>;
  /** By vector key: the run that stored the first vector under it. */
  readonly vectors: ReadonlyMap<Digest, { readonly run: Digest; readonly digest: Digest }>;
};

const LONGEST = 10n ** 60n;

const boundedUp = (value: Rational): Rational =>
  value.denominator <= LONGEST ? value : value.roundUpTo(LONGEST);

const boundedDown = (value: Rational): Rational => boundedUp(value.negate()).negate();

const each = ({ rho, delta }: Amount, round: (value: Rational) => Rational): Amount => ({
  rho: round(rho),
  delta: round(delta),
});

const ZERO: Amount = { rho: Rational.ZERO, delta: Rational.ZERO };

export const plus = (a: Amount, b: Amount): Amount => ({
  rho: a.rho.plus(b.rho),
  delta: a.delta.plus(b.delta),
});

export const minus = (a: Amount, b: Amount): Amount => ({
  rho: a.rho.minus(b.rho),
  delta: a.delta.minus(b.delta),
});

/** Both parts fit. */
export const fits = (asked: Amount, left: Amount): boolean =>
  asked.rho.atMost(left.rho) && asked.delta.atMost(left.delta);

export const emptyState = (holder: string): LedgerState => ({
  holder,
  head: emptyHead(holder),
  studies: new Map(),
  runs: new Map(),
  vectors: new Map(),
});

type Draft = {
  readonly studies: Map<Digest, Account>;
  readonly runs: Map<Digest, Run>;
  readonly vectors: Map<Digest, { readonly run: Digest; readonly digest: Digest }>;
};

function legal(condition: boolean, body: EntryBody, why: string): asserts condition {
  check(condition, 'PROTOCOL_STATE', `${body.type}: ${why}`);
}

/**
 * Moves `amount` between the parts of an account. granted = reserved + spent + left, or less than
 * the right-hand side by what was rounded.
 */
function move(draft: Draft, study: Digest, from: keyof Account, to: keyof Account, amount: Amount) {
  const account = draft.studies.get(study);
  check(account !== undefined, 'PROTOCOL_STATE', 'study without grant');
  const rounding = (part: keyof Account) => (part === 'left' ? boundedDown : boundedUp);
  const moved = {
    [from]: each(minus(account[from], amount), rounding(from)),
    [to]: each(plus(account[to], amount), rounding(to)),
  };
  draft.studies.set(study, { ...account, ...moved });
}

function start(draft: Draft, body: EntryBody & { readonly type: 'reserve' | 'replay' }): void {
  const account = draft.studies.get(body.study);
  legal(account !== undefined, body, 'study without grant');
  legal(!draft.runs.has(body.run), body, 'run exists');
  const stored = draft.vectors.get(body.vectorKey);
  const { study, plan, vectorKey } = body;
  const common = { study, plan, vectorKey, release: undefined };
  if (body.type === 'replay') {
    const source = draft.runs.get(body.of);
    legal(stored?.run === body.of && source?.study === study, body, 'no such vector');
    draft.runs.set(body.run, {
      ...common,
      status: 'replayed',
      charge: ZERO,
      commitment: source.commitment,
      of: body.of,
      vector: stored.digest,
    });
    return;
  }
  const charge = parseAmount(body);
  legal(stored === undefined, body, 'vector is stored: replay it');
  legal(charge.rho.sign() > 0 && fits(charge, account.left), body, 'beyond what is left');
  move(draft, study, 'left', 'reserved', charge);
  const { commitment } = body;
  const unset = { of: undefined, vector: undefined };
  draft.runs.set(body.run, { ...common, ...unset, status: 'reserved', charge, commitment });
}

function step(draft: Draft, body: EntryBody): void {
  if (body.type === 'grant') {
    legal(!draft.studies.has(body.study), body, 'study has a grant');
    const granted = parseAmount(body);
    draft.studies.set(body.study, { granted, reserved: ZERO, spent: ZERO, left: granted });
    return;
  }
  if (body.type === 'reserve' || body.type === 'replay') {
    start(draft, body);
    return;
  }
  const run = draft.runs.get(body.run);
  legal(run !== undefined, body, 'unknown run');
  const become = (change: Partial<Run>) => draft.runs.set(body.run, { ...run, ...change });
  switch (body.type) {
    case 'touch':
      legal(run.status === 'reserved', body, run.status);
      move(draft, run.study, 'reserved', 'spent', run.charge);
      become({ status: 'touched' });
      break;
    case 'vector':
      legal(run.status === 'touched' && run.vector === undefined, body, run.status);
      legal(run.vectorKey === body.vectorKey, body, 'another vector key');
      become({ vector: body.digest });
      // Two runs that were both charged for one key keep a vector each; replays use the first.
      if (!draft.vectors.has(body.vectorKey)) {
        draft.vectors.set(body.vectorKey, { run: body.run, digest: body.digest });
      }
      break;
    case 'settle':
      legal(run.status === 'touched' || run.status === 'replayed', body, run.status);
      legal(run.vector !== undefined, body, 'no vector');
      become({ status: 'settled', release: body.release });
      break;
    case 'abort':
      legal(run.status === 'reserved' || run.status === 'replayed', body, run.status);
      if (run.status === 'reserved') move(draft, run.study, 'reserved', 'left', run.charge);
      become({ status: 'aborted' });
      break;
  }
}

/** The state after `entries`, whose chain the caller has verified. `state` is not changed. */
export function fold(state: LedgerState, entries: Iterable<Entry>): LedgerState {
  const draft = {
    studies: new Map(state.studies),
    runs: new Map(state.runs),
    vectors: new Map(state.vectors),
  };
  let head = state.head;
  for (const entry of entries) {
    check(entry.sequence === head.sequence + 1, 'PROTOCOL_STATE', `entry ${entry.sequence}`);
    step(draft, entry.body);
    head = headOf(entry);
  }
  return { holder: state.holder, head, ...draft };
}

/**
 * Reads a stored ledger from its beginning: the chain verified, every transition legal, or
 * LEDGER_CORRUPT.
 */
export function readLedger(holder: string, entries: readonly Entry[]): LedgerState {
  verifyChain(emptyHead(holder), entries);
  try {
    return fold(emptyState(holder), entries);
  } catch (cause) {
    throw new Refusal('LEDGER_CORRUPT', 'an entry is not legal where it stands', undefined, {
      cause,
    });
  }
}

/** Reserved and spent over all studies: what a limit of the holder compares. */
export function usedByAll(state: LedgerState): Amount {
  let used = ZERO;
  for (const { reserved, spent } of state.studies.values())
    used = each(plus(used, plus(reserved, spent)), boundedUp);
  return used;
}
