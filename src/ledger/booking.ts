/**
 * How amounts move when an entry is folded in: between the parts of a study's account, in the epochs of
 * the people that are counted, and for the analyst who asked.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { atLeastZero, fits, minus, plus, roundedDown, roundedUp, ZERO } from './amount.ts';
import { type Amount, type EntryBody, parseAmount, parseEpochs } from './entry.ts';
import type { LayeredMap } from './layered-map.ts';
import { type Epoch, type LoadedCohort, moveInEpochs, newEpoch, NO_COHORT } from './people.ts';
import { type Account, analystKey, type Recovered, type Run } from './state.ts';

export type Draft = {
  readonly studies: Map<Digest, Account>;
  readonly runs: LayeredMap<Digest, Run>;
  readonly vectors: LayeredMap<Digest, { readonly run: Digest; readonly digest: Digest }>;
  readonly seeds: LayeredMap<Digest, Digest>;
  readonly epochs: Map<number, Epoch>;
  readonly cohorts: Map<Digest, LoadedCohort>;
  readonly analysts: Map<string, Amount>;
  readonly raises: Set<Digest>;
  readonly recovered: Map<Digest, Recovered>;
  readonly ended: Set<Digest>;
};

/** Refuses a transition that the head of fold.ts does not draw. */
export function legal(condition: boolean, body: EntryBody, why: string): asserts condition {
  check(condition, 'PROTOCOL_STATE', `${body.type}: ${why}`);
}

type Part = 'reserved' | 'spent' | 'left';

/**
 * Moves `amount` between the parts of an account. granted = reserved + spent + left, or less than
 * the right-hand side by what was rounded.
 */
export function move(draft: Draft, study: Digest, from: Part, to: Part, amount: Amount) {
  const account = draft.studies.get(study);
  check(account !== undefined, 'PROTOCOL_STATE', 'study without grant');
  const rounded = (part: Part) => (part === 'left' ? roundedDown : roundedUp);
  const moved = {
    [from]: rounded(from)(minus(account[from], amount)),
    [to]: rounded(to)(plus(account[to], amount)),
  };
  const after = { ...account, ...moved };
  // An amendment may have left less than what is given back.
  const less = to === 'left' && account.agreement !== study;
  draft.studies.set(study, less ? withLeft(after) : after);
}

/** What is left of what is granted: nothing where a restore found that more was spent. */
export function withLeft(account: Account): Account {
  const rest = minus(account.granted, plus(account.reserved, account.spent));
  return { ...account, left: roundedDown(atLeastZero(rest)) };
}

/** Counts a charge for the analyst who asked, or takes it back. */
export function countForAnalyst(
  { analysts }: Draft,
  { study, analyst, charge }: Pick<Run, 'study' | 'analyst' | 'charge'>,
  add: typeof plus,
): void {
  if (analyst === undefined) return;
  const key = analystKey(study, analyst);
  analysts.set(key, roundedUp(add(analysts.get(key) ?? ZERO, charge)));
}

/** A run begins: charged, or with the vector of an earlier one. */
export function start(
  draft: Draft,
  body: EntryBody & { readonly type: 'reserve' | 'replay' },
): void {
  const account = draft.studies.get(body.study);
  legal(account !== undefined, body, 'study without grant');
  legal(!draft.runs.has(body.run), body, 'run exists');
  const cohort = draft.cohorts.get(body.study) ?? NO_COHORT;
  const stored = draft.vectors.get(body.vectorKey);
  const { study, plan, vectorKey } = body;
  const common = { study, plan, vectorKey, cohort, release: undefined };
  if (body.type === 'replay') {
    const source = draft.runs.get(body.of);
    legal(stored?.run === body.of && source?.study === study, body, 'no such vector');
    draft.runs.set(body.run, {
      ...common,
      status: 'replayed',
      charge: ZERO,
      commitment: source.commitment,
      analyst: undefined,
      discloses: undefined,
      of: body.of,
      vector: stored.digest,
    });
    return;
  }
  const { commitment, analyst, discloses } = body;
  const charge = parseAmount(body);
  legal(!draft.seeds.has(commitment), body, 'noise seed of another run');
  legal(stored === undefined, body, 'vector is stored: replay it');
  legal(charge.rho.sign() > 0 && fits(charge, account.left), body, 'beyond what is left');
  move(draft, study, 'left', 'reserved', charge);
  moveInEpochs(draft.epochs, cohort.epochs, charge, { to: 'reserved' });
  countForAnalyst(draft, { study, analyst, charge }, plus);
  draft.seeds.set(commitment, body.run);
  const unset = { of: undefined, vector: undefined };
  draft.runs.set(body.run, {
    ...common,
    ...unset,
    status: 'reserved',
    charge,
    commitment,
    analyst,
    discloses,
  });
}

/** The study counts these people from here on. */
export function load(draft: Draft, body: EntryBody & { readonly type: 'load' }): void {
  const account = draft.studies.get(body.study);
  legal(account !== undefined, body, 'study without grant');
  const epochs = parseEpochs(body.epochs);
  const last = epochs.at(-1) ?? 0;
  const next = draft.epochs.size + 1;
  if (body.people !== '') {
    legal(last === next, body, 'a new epoch has the next number');
    draft.epochs.set(next, newEpoch(body.people));
    // They may have been loaded, and charged, after the backup that this ledger came back from.
    const lost = [...draft.recovered.values()].map(({ amount }) => amount).reduce(plus, ZERO);
    moveInEpochs(draft.epochs, [next], lost, { to: 'spent' });
  }
  legal(last <= draft.epochs.size, body, 'unknown epoch');
  // Charged by a version that knew no epochs: these people bear it.
  const before = draft.cohorts.get(body.study);
  if (before === undefined) {
    moveInEpochs(draft.epochs, epochs, plus(account.reserved, account.spent), { to: 'spent' });
  }
  const { version } = body;
  draft.cohorts.set(body.study, { ...before, version, epochs, agreement: account.agreement });
}

/** The study counts nobody from here on. */
export function unload(draft: Draft, body: EntryBody & { readonly type: 'unload' }): void {
  const loaded = draft.cohorts.get(body.study) ?? NO_COHORT;
  legal(loaded.version === body.version, body, 'not what is loaded');
  const times = (loaded.unloaded?.times ?? 0) + 1;
  draft.cohorts.set(body.study, { ...NO_COHORT, unloaded: { version: body.version, times } });
}

/** More to spend, once for each signed grant. */
export function raise(draft: Draft, body: EntryBody & { readonly type: 'raise' }): void {
  const account = draft.studies.get(body.study);
  legal(account !== undefined, body, 'study without grant');
  legal(!draft.raises.has(body.grant), body, 'this grant was added');
  const added = parseAmount(body);
  draft.raises.add(body.grant);
  const granted = roundedDown(plus(account.granted, added));
  draft.studies.set(body.study, withLeft({ ...account, granted }));
}

/**
 * Another version of the study: from here on it says what may be spent, and grants are added to that as
 * before. Less than what is spent already leaves nothing, and takes nothing back.
 */
export function amend(draft: Draft, body: EntryBody & { readonly type: 'amend' }): void {
  const account = draft.studies.get(body.study);
  legal(account !== undefined, body, 'study without grant');
  legal(account.agreement === body.from && body.to !== body.from, body, 'of another version');
  const signed = parseAmount(body);
  const added = minus(account.granted, account.signed);
  const granted = roundedDown(plus(signed, added));
  draft.studies.set(body.study, withLeft({ ...account, agreement: body.to, signed, granted }));
}
