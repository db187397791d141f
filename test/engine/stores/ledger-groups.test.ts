/** Requests that come at once, on both stores: one transaction, exact answers, and all or none of it durable. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { asRefusal } from '../../../src/base/errors.ts';
import type { LedgerTables } from '../../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../../src/engine/stores/ledger-store.ts';
import type { Store } from '../../../src/engine/stores/store.ts';
import { refusal } from '../../support/refusal.ts';
import { amount, digest, loadPeople, request } from '../conformance/ledger.ts';
import { onBothStores } from './kinds.ts';
import { clock, openHolder } from './opened.ts';

/** A ledger with a grant on a store whose transactions are counted, and fail before they commit while `broken`. */
class Counted {
  readonly ledger: StoredLedger;
  readonly store: Store<LedgerTables>;
  transactions = 0;
  broken = false;

  constructor(store: Store<LedgerTables>) {
    this.store = store;
    const counting: Store<LedgerTables> = {
      ...store,
      immediate: (work) => {
        this.transactions += 1;
        return store.immediate(async (transaction) => {
          const result = await work(transaction);
          if (this.broken) throw new Error('disk full');
          return result;
        });
      },
    };
    this.ledger = new StoredLedger({ store: counting, holder: 'lu', clock });
  }

  async granted(rho: string): Promise<this> {
    await this.ledger.grant(digest('study'), amount(rho));
    await loadPeople(this.ledger, 'study');
    this.transactions = 0;
    return this;
  }

  async left(): Promise<string> {
    return (await this.ledger.account(digest('study'))).left.rho.toString();
  }
}

const operation = fc.record({
  what: fc.constantFrom('reserve', 'reserve', 'touch', 'keepVector', 'abort'),
  run: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  key: fc.constantFrom('k', 'l'),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function step(ledger: StoredLedger, { what, run, key }: Operation): Promise<unknown> {
  switch (what) {
    case 'reserve':
      return ledger.reserve(request(run, { vectorKey: digest(key) }));
    case 'touch':
      return ledger.touch(digest(run));
    case 'keepVector':
      return ledger.keepVector(digest(run), digest(`of ${run}`));
    case 'abort':
      return ledger.abort(digest(run));
  }
}

const answer = (ledger: StoredLedger, operation: Operation): Promise<unknown> =>
  step(ledger, operation).catch((error: unknown) => asRefusal(error).code);

onBothStores(({ place }) => {
  const opened = async (rho: string) => new Counted(await openHolder(place())).granted(rho);

  describe('requests at once', () => {
    test('are one transaction, and one that is refused does not spoil the others', async () => {
      const counted = await opened('3/10');
      const { ledger } = counted;
      const asked = ['a', 'b', 'a', 'c', 'd'].map((run) => ledger.reserve(request(run)));
      const [a, b, again, c, d] = await Promise.allSettled(asked);
      equal(counted.transactions, 1);
      ok(a?.status === 'fulfilled' && b?.status === 'fulfilled' && c?.status === 'fulfilled');
      deepStrictEqual(
        [a, b, c].map(({ value }) => value.head.sequence),
        [3, 4, 5],
      );
      // The same run again is known, and is given what the first of the group set aside.
      ok(again?.status === 'fulfilled');
      deepStrictEqual(again.value, { ...a.value, head: b.value.head });
      ok(d?.status === 'rejected' && refusal('BUDGET_EXHAUSTED')(d.reason));
      equal(await counted.left(), '0/1');
      equal((await ledger.entries()).length, 5);
    });

    test('cannot share a noise seed', async () => {
      const { ledger } = await opened('3/10');
      const [a, b] = await Promise.allSettled(
        ['a', 'b'].map((run) => ledger.reserve(request(run, { ticket: request('a').ticket }))),
      );
      equal(a?.status, 'fulfilled');
      ok(b?.status === 'rejected' && refusal('CONFLICT')(b.reason));
    });

    test('are answered as one after another', async () => {
      const property = fc.asyncProperty(
        fc.array(fc.array(operation, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        async (groups) => {
          const [one, other] = [await opened('3/10'), await opened('3/10')];
          for (const group of groups) {
            const together = await Promise.all(group.map((each) => answer(one.ledger, each)));
            const alone: unknown[] = [];
            for (const each of group) alone.push(await answer(other.ledger, each));
            deepStrictEqual(together, alone);
          }
          deepStrictEqual(await one.ledger.entries(), await other.ledger.entries());
          equal(one.transactions, groups.filter(({ length }) => length > 0).length);
        },
      );
      await fc.assert(property, { numRuns: 3 });
    });

    test('are all refused where their transaction fails, and none of them is charged', async () => {
      const counted = await opened('3/10');
      const { ledger } = counted;
      const head = await ledger.head();
      const ask = () =>
        Promise.allSettled(['a', 'b', 'c', 'd'].map((run) => ledger.reserve(request(run))));
      counted.broken = true;
      for (const one of await ask())
        ok(one.status === 'rejected' && /disk full/.test(String(one.reason)));
      deepStrictEqual([await counted.left(), await ledger.head()], ['3/10', head]);
      counted.broken = false;
      const statuses = (await ask()).map(({ status }) => status);
      deepStrictEqual(statuses, ['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    });

    test('are refused within a transaction of their store, also behind others', async () => {
      const { ledger, store } = await opened('3/10');
      const waiting = ledger.reserve(request('a'));
      await rejects(
        store.immediate(() => ledger.reserve(request('b'))),
        refusal('INTERNAL'),
      );
      equal((await waiting).charged, true);
    });
  });
});
