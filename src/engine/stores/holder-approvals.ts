/**
 * What stewards of a holder signed after the study: approvals of plans, and grants that were added.
 * An approval serves one charge: `used_by` is the run that was charged under it.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import type { Verdict } from '../../study/plan-approval.ts';
import type { Migration } from './migrations.ts';
import type { Statements, Store } from './store.ts';

export type HolderApprovalTables = {
  plan_approval: {
    study: Digest;
    plan: Digest;
    key: PublicKeyText;
    verdict: Verdict;
    signature: string;
    at: string;
    used_by: Digest | null;
  };
  budget_grant: { id: Digest; study: Digest; signed: string; at: string };
};

export const HOLDER_APPROVAL_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-approvals/1',
    sql: `CREATE TABLE plan_approval (
      study TEXT NOT NULL, plan TEXT NOT NULL, key TEXT NOT NULL, verdict TEXT NOT NULL,
      signature TEXT NOT NULL, at TEXT NOT NULL, used_by TEXT, PRIMARY KEY (plan, key, at)
    ) STRICT;
    CREATE TABLE budget_grant (
      id TEXT PRIMARY KEY, study TEXT NOT NULL, signed TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT`,
  },
];

export type KeptApproval = HolderApprovalTables['plan_approval'];
export type KeptGrant = HolderApprovalTables['budget_grant'];

export class HolderApprovals {
  readonly #store: Store<HolderApprovalTables>;

  constructor(store: Store<HolderApprovalTables>) {
    this.#store = store;
  }

  /** In the order in which they were given. */
  ofPlan(plan: Digest, on: Statements = this.#store): Promise<KeptApproval[]> {
    const { db } = this.#store;
    return on.all(
      db.selectFrom('plan_approval').selectAll().where('plan', '=', plan).orderBy('at'),
    );
  }

  all(): Promise<KeptApproval[]> {
    return this.#store.all(this.#store.db.selectFrom('plan_approval').selectAll().orderBy('at'));
  }

  async keep(approval: Omit<KeptApproval, 'used_by'>): Promise<void> {
    await this.#store.run(
      this.#store.db
        .insertInto('plan_approval')
        .values({ ...approval, used_by: null })
        .onConflict((conflict) => conflict.columns(['plan', 'key', 'at']).doNothing()),
    );
  }

  /**
   * The approvals of a plan serve this run and no other. False, and nothing is changed, where one of
   * those that `seen` names is not any more what it was.
   */
  use(seen: readonly KeptApproval[], plan: Digest, run: Digest): Promise<boolean> {
    const { db } = this.#store;
    return this.#store.immediate(async (tx) => {
      const now = await this.ofPlan(plan, tx);
      const stands = ({ key, at, used_by: by }: KeptApproval): boolean =>
        now.some((one) => one.key === key && one.at === at && one.used_by === by);
      if (!seen.every(stands)) return false;
      const free = db.updateTable('plan_approval').set({ used_by: run });
      await tx.run(free.where('plan', '=', plan).where('used_by', 'is', null));
      return true;
    });
  }

  grants(): Promise<KeptGrant[]> {
    return this.#store.all(this.#store.db.selectFrom('budget_grant').selectAll().orderBy('at'));
  }

  async keepGrant(grant: KeptGrant): Promise<void> {
    await this.#store.run(
      this.#store.db
        .insertInto('budget_grant')
        .values(grant)
        .onConflict((conflict) => conflict.column('id').doNothing()),
    );
  }
}
