/**
 * Queries that wait for stewards of this holder (study: `approval`), and their word on them.
 *
 * Nothing of such a run leaves this holder, and nothing is reserved, before enough different stewards
 * signed for exactly its plan and price. One denial ends it. An approval serves one charge: the same
 * plan charged again, say over other rows, asks again; a run that was aborted free gives it back.
 * The analyst cannot be among them: no key of a study has two roles (study/agreement-meaning.ts).
 * @module
 */
import { parseStrict } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { describePlan } from '../cohort/describe.ts';
import type { HolderApprovals, KeptApproval } from '../engine/sqlite/holder-approvals.ts';
import type { HolderRuns, StoredRun } from '../engine/sqlite/holder-runs.ts';
import type { SqliteLedger } from '../engine/sqlite/ledger-store.ts';
import { type CompiledRun, compileRun, readRunRequest } from '../flows/pooled/compile-run.ts';
import type { Clock } from '../flows/ports.ts';
import { checkPlanApproval, planApproval, type Verdict } from '../study/plan-approval.ts';
import type { Studies } from './studies.ts';

export type ApprovalsOptions = {
  readonly holder: string;
  readonly approvals: HolderApprovals;
  readonly runs: HolderRuns;
  readonly ledger: SqliteLedger;
  readonly studies: Studies;
  readonly clock: Pick<Clock, 'now'>;
};

/** A run that waits, for stewards to read. */
export type PendingRun = {
  readonly run: Digest;
  readonly study: Digest;
  readonly title: string;
  readonly plan: Digest;
  readonly rho: string;
  readonly analyst: string;
  readonly words: string;
  readonly given: number;
  readonly need: number;
};

type Asked = Pick<CompiledRun, 'run' | 'study' | 'planDigest' | 'approvals'>;

export class Approvals {
  readonly #options: ApprovalsOptions;
  #waiting: (() => void)[] = [];

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when enough stewards approved; refuses with APPROVAL_DENIED. `ended` rejects when the
   * run is over for another reason.
   */
  async wait(run: Asked, ended: Promise<never>): Promise<void> {
    const { approvals, ledger } = this.#options;
    // Charged before the process died: it goes on with what it has.
    const standing = ledger.state().runs.get(run.run);
    if (run.approvals === 0 || (standing !== undefined && standing.status !== 'aborted')) return;
    for (;;) {
      const serving = this.#serving(run);
      if (serving.some(({ verdict }) => verdict === 'deny')) {
        approvals.use(run.planDigest, run.run);
        throw new Refusal('APPROVAL_DENIED', 'a steward denied the plan');
      }
      if (givenBy(serving) >= run.approvals) break;
      const woken = new Promise<void>((resolve) => this.#waiting.push(resolve));
      await Promise.race([woken, ended]);
    }
    approvals.use(run.planDigest, run.run);
  }

  pending(): PendingRun[] {
    const { runs, studies } = this.#options;
    const open = runs.runs().filter(({ state }) => state === 'open');
    return open.flatMap((stored) => {
      const run = this.#compile(stored);
      if (run === undefined || run.approvals === 0) return [];
      const serving = this.#serving(run);
      const denied = serving.some(({ verdict }) => verdict === 'deny');
      if (denied || this.#options.ledger.state().runs.has(run.run)) return [];
      const { title } = studies.any(run.study);
      return [
        {
          run: run.run,
          study: run.study,
          title,
          plan: run.planDigest,
          rho: run.plan.rho.toString(),
          analyst: run.analyst,
          words: describePlan(run.plan),
          given: givenBy(serving),
          need: run.approvals,
        },
      ];
    });
  }

  /** A steward's signed word on a run that waits here. */
  decide(run: Digest, key: PublicKeyText, verdict: Verdict, signature: string): PendingRun {
    const { approvals, studies, holder, clock } = this.#options;
    const about = this.pending().find((one) => one.run === run);
    check(about !== undefined, 'NOT_FOUND', 'no run of this id waits for approval');
    const { study, plan, rho } = about;
    const approval = planApproval({ study, plan, rho, holder, verdict });
    checkPlanApproval(studies.open(study), approval, key, signature);
    approvals.keep({ study, plan, key, verdict, signature, at: clock.now().toISOString() });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
    return this.pending().find((one) => one.run === run) ?? { ...about, given: about.need };
  }

  /** What stewards said of this plan and this run may go by. */
  #serving({ run, planDigest }: Asked): KeptApproval[] {
    return this.#options.approvals
      .ofPlan(planDigest)
      .filter((approval) => this.#serves(approval, run));
  }

  #serves({ used_by: by, verdict }: KeptApproval, run: Digest): boolean {
    if (by === null || by === run) return true;
    if (verdict === 'deny') return false;
    const before = this.#options.ledger.state().runs.get(by);
    return before === undefined || before.status === 'aborted';
  }

  #compile({ study, request, accepted_at }: StoredRun): CompiledRun | undefined {
    const { studies } = this.#options;
    try {
      const known = studies.open(study);
      return compileRun(known, readRunRequest(parseStrict(request), known, new Date(accepted_at)));
    } catch {
      return undefined; // stopped, or of a study whose keys are not pinned any more
    }
  }
}

/** Different stewards: who says it twice is still one. */
const givenBy = (approvals: readonly KeptApproval[]): number =>
  new Set(approvals.map(({ key }) => key)).size;
