/**
 * Transactions of one process, one after another, and the check that nothing else is executed from
 * within one: outside of it the statement would wait for the very lock that it is under, or read
 * what the transaction has not seen.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { check } from '../../base/errors.ts';
import type { Statements, Store } from './store.ts';

export class Transactions {
  readonly #inside = new AsyncLocalStorage<boolean>();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Refuses what is executed outside of the transaction that it is called in, and after the end. */
  checkOutside(): void {
    check(this.#inside.getStore() !== true, 'INTERNAL', 'statement outside of its transaction');
    check(!this.#closed, 'SHUTTING_DOWN', 'store is closed');
  }

  /** Begins `transaction` when those before it have ended, well or not. */
  async inTurn<T>(transaction: () => Promise<T>): Promise<T> {
    this.checkOutside();
    const before = this.#last;
    const turn = before.then(() => {
      check(!this.#closed, 'SHUTTING_DOWN', 'store is closed');
      return transaction();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** `statements` for as long as `work` takes, and no longer. */
  async within<T>(
    statements: Statements,
    work: (transaction: Statements) => Promise<T>,
  ): Promise<T> {
    let over = false;
    const live = async <R>(execute: () => Promise<R>): Promise<R> => {
      check(!over, 'INTERNAL', 'the transaction is over');
      return execute();
    };
    const bounded: Statements = {
      all: (query) => live(() => statements.all(query)),
      first: (query) => live(() => statements.first(query)),
      run: (query) => live(() => statements.run(query)),
    };
    try {
      return await this.#inside.run(true, () => work(bounded));
    } finally {
      over = true;
    }
  }

  /** What is executed outside of a transaction: a read at once, a write as a transaction by itself. */
  outside(reading: Statements, immediate: Store<unknown>['immediate']): Statements {
    return {
      all: async (query) => {
        this.checkOutside();
        return reading.all(query);
      },
      first: async (query) => {
        this.checkOutside();
        return reading.first(query);
      },
      run: (query) => immediate((transaction) => transaction.run(query)),
    };
  }

  /** Calls `release` once, when what was begun has ended. */
  async close(release: () => void | Promise<void>): Promise<void> {
    const first = !this.#closed;
    this.#closed = true;
    await this.#last;
    if (first) await release();
  }
}
