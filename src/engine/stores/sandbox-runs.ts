/**
 * Runs of the sandbox: their state, what they ended with, and the events that a listener can
 * take up again (SSE). State and event are written together, so neither is ahead of the other.
 * @module
 */
import type { Compilable, Selectable } from 'kysely';
import type { Digest } from '../../base/hash.ts';
import type { RunState } from '../../flows/ports.ts';
import type { SandboxStore, SandboxTables } from './sandbox-store.ts';
import type { Statements } from './store.ts';

export type StoredRun = {
  readonly id: Digest;
  readonly query: Digest;
  readonly study: Digest;
  readonly queryKey: Digest;
  /** From 1, counted for each query. */
  readonly attempt: number;
  /** Of the collective key. */
  readonly epoch: number;
  readonly state: RunState;
  /** Canonical JSON. */
  readonly problem: string | null;
  readonly release: string | null;
};

export type RunEvent = { readonly id: number; readonly event: string; readonly data: string };

export const FINAL: readonly RunState[] = [
  'released',
  'refused',
  'aborted',
  'incomplete',
  'stopped',
];

const COLUMNS = [
  'id',
  'query',
  'study',
  'query_key',
  'attempt',
  'epoch',
  'state',
  'problem',
  'release',
] as const;

const ORDER: readonly RunState[] = ['waiting for approval', 'reserving', 'computing', 'sharing'];

export const isFinal = (state: RunState): boolean => FINAL.includes(state);

export class SandboxRuns {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  async get(id: Digest, on: Statements = this.#store): Promise<StoredRun | undefined> {
    return (await this.#read(on, this.#rows().where('id', '=', id)))[0];
  }

  /** The attempts of one query, the first first. */
  ofQuery(query: Digest, on: Statements = this.#store): Promise<StoredRun[]> {
    return this.#read(on, this.#rows().where('query', '=', query).orderBy('attempt'));
  }

  ofStudy(study: Digest, on: Statements = this.#store): Promise<StoredRun[]> {
    return this.#read(
      on,
      this.#rows()
        .where('study', '=', study)
        .orderBy('rowid' as never),
    );
  }

  /** Up to `limit` runs of a study behind the id `after`, in the order of ids. */
  pageOfStudy(study: Digest, after: Digest, limit: number): Promise<StoredRun[]> {
    const rows = this.#rows().where('study', '=', study).where('id', '>', after);
    return this.#read(this.#store, rows.orderBy('id').limit(limit));
  }

  /** What was released under any of `keys` in this study. */
  released(
    study: Digest,
    keys: readonly Digest[],
    on: Statements = this.#store,
  ): Promise<StoredRun[]> {
    return this.#read(
      on,
      this.#rows()
        .where('study', '=', study)
        .where('query_key', 'in', keys)
        .where('state', '=', 'released')
        .orderBy('rowid' as never),
    );
  }

  unfinished(on: Statements = this.#store): Promise<StoredRun[]> {
    return this.#read(on, this.#rows().where('state', 'not in', FINAL));
  }

  /** With its first event. */
  async add(tx: Statements, run: StoredRun): Promise<void> {
    const { queryKey, ...rest } = run;
    await tx.run(this.#store.db.insertInto('run').values({ ...rest, query_key: queryKey }));
    await this.addEvent(tx, run.id, 'state', JSON.stringify({ state: run.state }));
  }

  /**
   * Moves an unfinished run on, to a later state or to its end. False where it is there or beyond: one
   * that is taken up again passes the earlier states silently.
   */
  move(
    id: Digest,
    state: RunState,
    end: { readonly problem?: string; readonly release?: string } = {},
  ): Promise<boolean> {
    return this.#store.immediate(async (tx) => {
      const run = await this.get(id, tx);
      if (run === undefined || isFinal(run.state)) return false;
      if (!isFinal(state) && ORDER.indexOf(state) <= ORDER.indexOf(run.state)) return false;
      const { problem = null, release = null } = end;
      await tx.run(
        this.#store.db.updateTable('run').set({ state, problem, release }).where('id', '=', id),
      );
      await this.addEvent(tx, id, 'state', JSON.stringify({ state }));
      return true;
    });
  }

  async addEvent(tx: Statements, run: Digest, event: string, data: string): Promise<void> {
    const { db } = this.#store;
    const last = await tx.first(
      db
        .selectFrom('run_event')
        .select(({ fn }) => fn.max('id').as('id'))
        .where('run', '=', run),
    );
    const id = Number(last?.id ?? 0) + 1;
    await tx.run(db.insertInto('run_event').values({ run, id, event, data }));
  }

  async eventsAfter(run: Digest, after: number): Promise<RunEvent[]> {
    return (
      await this.#store.all(
        this.#store.db
          .selectFrom('run_event')
          .select(['id', 'event', 'data'])
          .where('run', '=', run)
          .where('id', '>', BigInt(after))
          .orderBy('id'),
      )
    ).map(({ id, event, data }) => ({ id: Number(id), event, data }));
  }

  /** The run that an Idempotency-Key of this query already stands for. */
  async requested(
    query: Digest,
    key: string,
    on: Statements = this.#store,
  ): Promise<Digest | undefined> {
    return (
      await on.first(
        this.#store.db
          .selectFrom('run_request')
          .select('run')
          .where('query', '=', query)
          .where('key', '=', key),
      )
    )?.run;
  }

  async keepRequest(tx: Statements, query: Digest, key: string, run: Digest): Promise<void> {
    await tx.run(this.#store.db.insertInto('run_request').values({ query, key, run }));
  }

  #rows() {
    return this.#store.db.selectFrom('run').select(COLUMNS);
  }

  async #read(
    on: Statements,
    query: Compilable<Selectable<SandboxTables['run']>>,
  ): Promise<StoredRun[]> {
    return (await on.all(query)).map(({ query_key: queryKey, attempt, epoch, ...rest }) => ({
      ...rest,
      queryKey,
      attempt: Number(attempt),
      epoch: Number(epoch),
    }));
  }
}
