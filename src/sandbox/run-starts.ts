/**
 * How a run comes to be: created once for each (query, attempt), or not at all because another one
 * stands for it. What decides is read under the write lock of the store that also creates, so two
 * requests at once, to this process or another, get the same run.
 * @module
 */
import { canonicalBytes, canonicalJson, parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { SandboxEpochs } from '../engine/stores/sandbox-epochs.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import { isFinal, type SandboxRuns, type StoredRun } from '../engine/stores/sandbox-runs.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import type { StoredQuery } from '../engine/stores/sandbox-studies.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { Statements } from '../engine/stores/store.ts';
import { FIRST_EPOCH, MAX_ATTEMPTS } from '../flows/pooled/compile-run.ts';
import { vectorCiphertexts } from '../he/collective/vector.ts';
import { deliver } from './deliver.ts';
import { firstState, newRun, storedRelease } from './new-run.ts';
import { type Queries, questionOf } from './queries.ts';
import { derivedRelease } from './release.ts';
import type { Studies } from './studies.ts';
import type { StudyLog } from './study-log.ts';
import type { Wakeups } from './wakeups.ts';

export type RunStartsOptions = {
  readonly store: SandboxStore;
  readonly runs: SandboxRuns;
  readonly frames: SandboxFrames;
  readonly epochs: SandboxEpochs;
  readonly studies: Studies;
  readonly queries: Queries;
  readonly record: Pick<StudyLog, 'answer'>;
  readonly wakeups: Wakeups;
};

/** `created`: holders are asked to run it. */
export type Started = { readonly run: StoredRun; readonly created: boolean };

export class RunStarts {
  readonly #options: RunStartsOptions;

  constructor(options: RunStartsOptions) {
    this.#options = options;
  }

  /** The released run that answers `query` free, where there is one. */
  async answer(query: StoredQuery, on?: Statements): Promise<StoredRun | undefined> {
    const { runs, queries } = this.#options;
    const keys = await queries.answeredBy(query, on);
    const released = await runs.released(query.study, keys, on);
    return (await this.#sameQuestion(released, query, on)) ?? released[0];
  }

  /**
   * The run of this query: the one that stands, the stored answer, or a new attempt, which the holders are
   * told of where it begins `now`.
   */
  async start(query: StoredQuery, requestKey: string | undefined, now: boolean): Promise<Started> {
    const { store } = this.#options;
    const started = await store.immediate(async (tx) => {
      const one = await this.#start(tx, query, requestKey);
      if (one.created && now) await this.#tell(tx, one.run);
      return one;
    });
    if (started.created) stepDone(started.run.id, 'run/created');
    if (started.created && now) await this.#wake(query.study);
    return started;
  }

  /** Whether the holders were told of a run. */
  async begun({ id }: StoredRun): Promise<boolean> {
    return (await this.#options.frames.history(id)).some(({ kind }) => kind === 'query');
  }

  /** Tells the holders of a run that waited for its turn, once. */
  async begin(run: StoredRun): Promise<void> {
    if (await this.begun(run)) return;
    await this.#options.store.immediate((tx) => this.#tell(tx, run));
    stepDone(run.id, 'run/begun');
    await this.#wake(run.study);
  }

  async #tell(tx: Statements, { id, query, study, attempt, epoch }: StoredRun): Promise<void> {
    const { frames, queries } = this.#options;
    const stored = await queries.get(query, tx);
    const { plan } = await queries.compile(stored, { attempt, epoch }, tx);
    const body = canonicalBytes({ query: parseStrict(stored.signed), attempt, epoch });
    await deliver(frames, tx, { study, run: id, kind: 'query', body }, plan.holders);
  }

  async #wake(study: Digest): Promise<void> {
    const { studies, wakeups } = this.#options;
    const { holders } = await studies.get(study);
    for (const { name } of holders) wakeups.wake(`inbox/${name}`);
  }

  async #start(
    tx: Statements,
    query: StoredQuery,
    requestKey: string | undefined,
  ): Promise<Started> {
    const { runs } = this.#options;
    if (requestKey === undefined) return this.#standing(tx, query);
    const before = await runs.requested(query.id, requestKey, tx);
    const asked = before === undefined ? undefined : await runs.get(before, tx);
    if (asked !== undefined) return { run: asked, created: false };
    const started = await this.#standing(tx, query);
    await runs.keepRequest(tx, query.id, requestKey, started.run.id);
    return started;
  }

  async #standing(tx: Statements, query: StoredQuery): Promise<Started> {
    const { runs, studies, queries } = this.#options;
    const own = await runs.ofQuery(query.id, tx);
    const last = own.at(-1);
    if (last !== undefined && (last.state === 'released' || !isFinal(last.state))) {
      return { run: last, created: false };
    }
    await studies.checkOpen(await studies.get(query.study, tx), tx);
    // A holder may say that the study is stopped only when it is asked to run something.
    const stopped = (await runs.ofStudy(query.study, tx)).some(({ state }) => state === 'stopped');
    check(!stopped, 'STUDY_STOPPED', query.study);
    const attempt = own.length + 1;
    const earlier = await this.answer(query, tx);
    if (earlier !== undefined) {
      const same = await this.#sameQuestion([earlier], query, tx);
      const run = same ?? (await this.#derive(tx, query, attempt, earlier));
      return { run, created: false };
    }
    const open = (await runs.unfinished(tx)).filter(({ queryKey }) => queryKey === query.queryKey);
    const running = await this.#sameQuestion(open, query, tx);
    if (running !== undefined) return { run: running, created: false };
    check(attempt <= MAX_ATTEMPTS, 'TOO_MANY_REQUESTS', `attempt ${attempt} of ${query.id}`);
    await queries.checkRunnable(query, attempt, tx);
    return { run: await this.#create(tx, query, attempt), created: true };
  }

  /** The first of `found` that asks what `query` asks, spelled alike. */
  async #sameQuestion(
    found: readonly StoredRun[],
    query: StoredQuery,
    on?: Statements,
  ): Promise<StoredRun | undefined> {
    const asked = canonicalJson(questionOf(query));
    for (const run of found) {
      const other = await this.#options.queries.get(run.query, on);
      if (canonicalJson(questionOf(other)) === asked) return run;
    }
    return undefined;
  }

  async #create(tx: Statements, query: StoredQuery, attempt: number): Promise<StoredRun> {
    const { runs, epochs, queries } = this.#options;
    const { plan, sets } = await queries.compile(query, { attempt, epoch: FIRST_EPOCH }, tx);
    // Nothing is encrypted inside one holder.
    const ciphertexts = plan.inside === undefined ? vectorCiphertexts(sets, plan.slots) : 0;
    const epoch = await epochs.next(query.study, ciphertexts, tx);
    const compiled = await queries.compile(query, { attempt, epoch }, tx);
    const run = newRun(compiled, query, attempt, { state: firstState(compiled), release: null });
    await runs.add(tx, run);
    await epochs.take(tx, query.study, epoch, ciphertexts);
    return run;
  }

  async #derive(
    tx: Statements,
    query: StoredQuery,
    attempt: number,
    earlier: StoredRun,
  ): Promise<StoredRun> {
    const { runs, queries, record } = this.#options;
    const compiled = await queries.compile(query, { attempt, epoch: FIRST_EPOCH }, tx);
    const release = JSON.stringify(derivedRelease(compiled, storedRelease(earlier)));
    const run = newRun(compiled, query, attempt, { state: 'released', release });
    await runs.add(tx, run);
    await record.answer(tx, run.study, run.id, earlier.id);
    return run;
  }
}
