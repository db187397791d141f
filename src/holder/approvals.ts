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
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { describePlan } from '../cohort/describe.ts';
import type { HolderApprovals, KeptApproval } from '../engine/stores/holder-approvals.ts';
import type { HolderRuns, StoredRun } from '../engine/stores/holder-runs.ts';
import type { StoredLedger } from '../engine/stores/ledger-store.ts';
import { type CompiledRun, compileStored } from '../flows/pooled/compile-run.ts';
import type { Clock } from '../flows/ports.ts';
import { checkPlanApproval, planApproval, type Verdict } from '../study/plan-approval.ts';
import type { Studies } from './studies.ts';

export type ApprovalsOptions = {
  readonly holder: string;
  readonly approvals: HolderApprovals;
  readonly runs: HolderRuns;
  readonly ledger: StoredLedger;
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
    const standing = (await ledger.state()).runs.get(run.run);
    if (run.approvals === 0 || (standing !== undefined && standing.status !== 'aborted')) return;
    for (;;) {
      // Before the look: what is decided meanwhile wakes.
      const woken = new Promise<void>((resolve) => this.#waiting.push(resolve));
      const serving = await this.#serving(run);
      const denied = serving.some(({ verdict }) => verdict === 'deny');
      if (denied || givenBy(serving) >= run.approvals) {
        // Another run of the same plan may have taken one since.
        if (!(await approvals.use(serving, run.planDigest, run.run))) continue;
        check(!denied, 'APPROVAL_DENIED', 'a steward denied the plan');
        return;
      }
      await Promise.race([woken, ended]);
    }
  }

  async pending(): Promise<PendingRun[]> {
    const open = (await this.#options.runs.runs()).filter(({ state }) => state === 'open');
    const pending = await Promise.all(open.map((stored) => this.#pending(stored)));
    return pending.filter((run) => run !== undefined);
  }

  async #pending(stored: StoredRun): Promise<PendingRun | undefined> {
    const { studies, ledger } = this.#options;
    const run = await this.#compile(stored);
    if (run === undefined || run.approvals === 0) return undefined;
    const serving = await this.#serving(run);
    const denied = serving.some(({ verdict }) => verdict === 'deny');
    if (denied || (await ledger.state()).runs.has(run.run)) return undefined;
    const { title } = await studies.any(run.study);
    return {
      run: run.run,
      study: run.study,
      title,
      plan: run.planDigest,
      rho: run.plan.rho.toString(),
      analyst: run.analyst,
      words: describePlan(run.plan),
      given: givenBy(serving),
      need: run.approvals,
    };
  }

  /** A steward's signed word on a run that waits here. */
  async decide(
    run: Digest,
    key: PublicKeyText,
    verdict: Verdict,
    signature: string,
  ): Promise<PendingRun> {
    const { approvals, studies, holder, clock } = this.#options;
    const about = (await this.pending()).find((one) => one.run === run);
    check(about !== undefined, 'NOT_FOUND', 'no run of this id waits for approval');
    const { study, plan, rho } = about;
    const approval = planApproval({ study, plan, rho, holder, verdict });
    checkPlanApproval(await studies.open(study), approval, key, signature);
    const stewards = await studies.stewards(study, holder);
    check(stewards.includes(key), 'FORBIDDEN', 'a steward key that was revoked');
    await approvals.keep({ study, plan, key, verdict, signature, at: clock.now().toISOString() });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
    return (await this.pending()).find((one) => one.run === run) ?? { ...about, given: about.need };
  }

  /** What stewards said of this plan and this run may go by. */
  async #serving({ run, study, planDigest }: Asked): Promise<KeptApproval[]> {
    const { approvals, ledger, studies, holder } = this.#options;
    const stewards = await studies.stewards(study, holder);
    // Who was a steward and is none any more, or whose key was revoked, counts for nothing.
    const given = (await approvals.ofPlan(planDigest)).filter(({ key }) => stewards.includes(key));
    const { runs } = await ledger.state();
    return given.filter(({ used_by: by, verdict }) => {
      if (by === null || by === run) return true;
      if (verdict === 'deny') return false;
      const before = runs.get(by);
      return before === undefined || before.status === 'aborted';
    });
  }

  async #compile({ study, request, accepted_at }: StoredRun): Promise<CompiledRun | undefined> {
    const { studies } = this.#options;
    try {
      const accepted = new Date(accepted_at);
      const asked = compileStored(await studies.open(study), parseStrict(request), accepted);
      return await studies.narrow(asked.run, asked.request);
    } catch {
      return undefined; // stopped, amended since, or of a study whose keys are not pinned any more
    }
  }
}

/** Different stewards: who says it twice is still one. */
const givenBy = (approvals: readonly KeptApproval[]): number =>
  new Set(approvals.map(({ key }) => key)).size;
