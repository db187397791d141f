/**
 * Budgets as a holder's stewards see and set them: what was granted, by whom it was spent, what each
 * release cost, bought and gave away, what waits for approval. Answers go to the holder's own people.
 * @module
 */
import { type Json, parseStrict } from '../base/canonical-json.ts';
import { asRefusal, check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { Rational } from '../base/rational.ts';
import { describePlan } from '../cohort/describe.ts';
import { price } from '../cohort/price.ts';
import { attackerPercent } from '../dp/accountant/attacker.ts';
import { epsilonUp } from '../dp/accountant/zcdp.ts';
import type { HolderApprovals, KeptGrant } from '../engine/stores/holder-approvals.ts';
import type { HolderRuns, StoredRun } from '../engine/stores/holder-runs.ts';
import type { StoredLedger } from '../engine/stores/ledger-store.ts';
import { compileStored } from '../flows/pooled/compile-run.ts';
import { privacyOf } from '../flows/pooled/privacy.ts';
import type { Study } from '../flows/study-terms.ts';
import { minus, plus } from '../ledger/amount.ts';
import { type Amount, amountText } from '../ledger/entry.ts';
import { usedByEpoch } from '../ledger/people.ts';
import { type Account, analystKey } from '../ledger/state.ts';
import { checkGrant, readSignedGrant, type SignedGrant } from '../study/grant.ts';
import type { Verdict } from '../study/plan-approval.ts';
import { versionsOf } from '../study/versions.ts';
import type { Approvals } from './approvals.ts';
import type { CohortShelf } from './cohort-shelf.ts';
import { type HolderConfiguration, limitsOf } from './configuration.ts';
import type { Studies } from './studies.ts';

export type BudgetDeskOptions = {
  readonly configuration: HolderConfiguration;
  readonly runs: HolderRuns;
  readonly ledger: StoredLedger;
  readonly studies: Studies;
  readonly shelf: CohortShelf;
  readonly kept: HolderApprovals;
  readonly approvals: Approvals;
};

type Answer = Record<string, unknown>;

/** Totals of a person are read at this delta, beside the delta that was spent. */
const READING_DELTA = Rational.of(1, 1_000_000);

export class BudgetDesk {
  readonly #options: BudgetDeskOptions;

  constructor(options: BudgetDeskOptions) {
    this.#options = options;
  }

  /** Granted, reserved, spent and left: by epoch of persons, study and analyst. */
  async show(study?: Digest): Promise<Answer> {
    const { configuration, ledger, runs, approvals, shelf } = this.#options;
    const state = await ledger.state();
    const ids = study === undefined ? (await runs.studies()).map(({ id }) => id) : [study];
    const limit = limitsOf(configuration).epoch;
    const epochs = [...state.epochs].map(([number, epoch]) => {
      const used = usedByEpoch(epoch);
      return {
        epoch: number,
        reserved: amountText(epoch.reserved),
        spent: amountText(epoch.spent),
        ...(limit !== undefined && {
          limit: amountText(limit),
          left: amountText(minus(limit, used)),
        }),
        ...meaning(used),
        studies: [...state.cohorts]
          .filter(([, { epochs: own }]) => own.includes(number))
          .map(([id]) => id),
      };
    });
    return {
      holder: configuration.name,
      epochLimit: typeof configuration.epochLimit === 'string' ? configuration.epochLimit : 'exact',
      head: state.head,
      epochs,
      studies: await Promise.all(
        ids.map(async (id) => ({
          ...(await this.#study(id)),
          keptUntil: (await shelf.options.people.keptUntil(id)) ?? null,
        })),
      ),
      waiting: (await approvals.pending()).filter(
        (run) => study === undefined || run.study === study,
      ),
    };
  }

  /** Every query, grant, approval, withdrawal and deletion, as far as this holder remembers. */
  async history(study?: Digest): Promise<Answer> {
    const { configuration, runs, kept, shelf } = this.#options;
    const own = <T extends { readonly study: Digest }>(all: readonly T[]): T[] =>
      all.filter((one) => study === undefined || one.study === study);
    const { people } = shelf.options;
    return {
      holder: configuration.name,
      queries: await Promise.all((await runs.runs(study)).map((run) => this.#query(run))),
      grants: await Promise.all(own(await kept.grants()).map((grant) => this.#grant(grant))),
      approvals: own(await kept.all()).map(({ signature: _, used_by: usedBy, ...rest }) => ({
        ...rest,
        usedBy,
      })),
      withdrawals: (await people.withdrawals()).map(({ at, people: n }) => ({ at, people: n })),
      deletions: own(await people.deletions()).map(({ statement: _, ...rest }) => rest),
    };
  }

  /** Adds a grant that two stewards of every holder signed; once. */
  async book(json: Json): Promise<Answer> {
    const { configuration, studies, ledger, kept, shelf } = this.#options;
    const { grant: about } = json as { readonly grant?: { readonly study?: unknown } };
    check(typeof about?.study === 'string', 'INVALID_GRANT', 'no study');
    const study = await studies.open(about.study);
    const signed = readSignedGrant(json, study);
    const { id, amounts } = signed.grant;
    const amount = amounts.get(configuration.name);
    check(amount !== undefined, 'INVALID_GRANT', 'nothing for this holder');
    const now = shelf.options.clock.now();
    // What was added is there for good; showing it again must not be refused for being late.
    if (!(await ledger.state()).raises.has(id))
      checkGrant(study, signed, now, configuration.revoked);
    await ledger.raise(study.id, id, amount);
    await kept.keepGrant({
      id,
      study: study.id,
      signed: JSON.stringify(json),
      at: now.toISOString(),
    });
    return { grant: id, ...(await this.#study(study.id)) };
  }

  async #grant({ id, study, at, signed }: KeptGrant): Promise<Answer> {
    const { configuration, studies } = this.#options;
    const { grant } = readKeptGrant(parseStrict(signed), await studies.any(study));
    const amount = grant.amounts.get(configuration.name);
    return { grant: id, study, at, reason: grant.reason, ...(amount && amountText(amount)) };
  }

  async waiting(): Promise<Answer> {
    return { waiting: await this.#options.approvals.pending() };
  }

  async decide(run: Digest, key: string, verdict: Verdict, signature: string): Promise<Answer> {
    return { ...(await this.#options.approvals.decide(run, key, verdict, signature)), verdict };
  }

  /** The study as it was signed, for a steward who grants more or amends it. */
  async draft(study: Digest): Promise<Answer> {
    const stored = await this.#options.runs.study(study);
    check(stored !== undefined, 'STUDY_UNKNOWN', study);
    return { signed: parseStrict(stored.signed) };
  }

  async #study(id: Digest): Promise<Answer> {
    const { ledger, studies, runs } = this.#options;
    const state = await ledger.state();
    const study = await studies.any(id);
    const account = state.studies.get(id);
    check(account !== undefined, 'STUDY_UNKNOWN', id);
    const { analyst: share, countries } = study.ceilings;
    const cohort = state.cohorts.get(id);
    return {
      study: id,
      title: study.title,
      state: (await runs.study(id))?.state ?? 'unknown',
      honestHolders: study.honestHolders,
      ...accountTexts(account),
      ...meaning(plus(account.reserved, account.spent)),
      epochs: cohort?.epochs ?? [],
      analysts: study.analysts.map(({ name }) => {
        const used = state.analysts.get(analystKey(id, name)) ?? {
          rho: Rational.ZERO,
          delta: Rational.ZERO,
        };
        return {
          analyst: name,
          used: amountText(used),
          ...(share && { left: amountText(minus(share, used)) }),
        };
      }),
      countries: [...countries].map(([country, limit]) => ({ country, limit: amountText(limit) })),
      ...(study.approval && {
        approval: { above: study.approval.above.toString(), stewards: study.approval.stewards },
      }),
    };
  }

  async #query({ id, study, request, state, code, accepted_at }: StoredRun): Promise<Answer> {
    const known = await this.#options.studies.any(study);
    const { run } = compileStored(known, parseStrict(request), new Date(accepted_at));
    const booked = (await this.#options.ledger.state()).runs.get(id);
    const { rho, epsilon, attacker, delta, outsider, allOthers } = privacyOf(run);
    return {
      run: id,
      study,
      title: known.title,
      at: accepted_at,
      state,
      ...(code !== null && { code }),
      analyst: run.analyst,
      words: describePlan(run.plan),
      price: run.plan.rho.toString(),
      charged: booked !== undefined && booked.of === undefined && booked.status !== 'aborted',
      epochs: booked?.cohort.epochs ?? [],
      expected: price(run.plan).perMeasure.map(({ measure, expected }) => ({
        measure,
        halfWidth: expected.byHolder ?? expected.pooled,
      })),
      delta,
      colluder: allOthers ?? { rho, epsilon, attacker },
      outsider,
    };
  }
}

/** One that was added under whatever version: its proposer may be a steward no more. */
function readKeptGrant(signed: Json, study: Study): SignedGrant {
  for (const version of versionsOf(study)) {
    try {
      return readSignedGrant(signed, version);
    } catch (error) {
      if (asRefusal(error).code !== 'FORBIDDEN') throw error;
    }
  }
  throw new Refusal('FORBIDDEN', 'grant of no steward of any version');
}

/** What a total lets an attacker do, for reading: its own delta is beside that of epsilon. */
const meaning = ({ rho, delta }: Amount) => ({
  epsilon: epsilonUp(rho, READING_DELTA),
  attacker: attackerPercent(rho, delta),
});

const accountTexts = (account: Account) => ({
  signed: amountText(account.signed),
  granted: amountText(account.granted),
  reserved: amountText(account.reserved),
  spent: amountText(account.spent),
  left: amountText(account.left),
});
