/**
 * What stewards of a holder signed after the study: approvals of plans, and grants that were added.
 * An approval serves one charge: `used_by` is the run that was charged under it.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import type { Verdict } from '../../study/plan-approval.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';

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
  ofPlan(plan: Digest): KeptApproval[] {
    const { db } = this.#store;
    return this.#store.all(
      db.selectFrom('plan_approval').selectAll().where('plan', '=', plan).orderBy('at'),
    );
  }

  all(): KeptApproval[] {
    return this.#store.all(this.#store.db.selectFrom('plan_approval').selectAll().orderBy('at'));
  }

  keep(approval: Omit<KeptApproval, 'used_by'>): void {
    this.#store.run(
      this.#store.db
        .insertInto('plan_approval')
        .values({ ...approval, used_by: null })
        .onConflict((conflict) => conflict.columns(['plan', 'key', 'at']).doNothing()),
    );
  }

  /** The approvals of a plan serve this run and no other. */
  use(plan: Digest, run: Digest): void {
    this.#store.run(
      this.#store.db
        .updateTable('plan_approval')
        .set({ used_by: run })
        .where('plan', '=', plan)
        .where('used_by', 'is', null),
    );
  }

  grants(): KeptGrant[] {
    return this.#store.all(this.#store.db.selectFrom('budget_grant').selectAll().orderBy('at'));
  }

  keepGrant(grant: KeptGrant): void {
    this.#store.run(
      this.#store.db
        .insertInto('budget_grant')
        .values(grant)
        .onConflict((conflict) => conflict.column('id').doNothing()),
    );
  }
}
