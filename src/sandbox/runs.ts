/**
 * Runs: created once for each (query, attempt), driven until they end, taken up again after a
 * restart. What a run does is flows/pooled/assemble.ts; here is who starts it and how it ends.
 *
 * Every frame is durable, so a run that died with the process goes on where the frames are. A
 * fault of this machine (disk, worker) is tried again for as long as the service lives; what a
 * holder signed, or sent wrong, ends the run.
 * @module
 */
import { canonicalBytes, canonicalJson, parseStrict } from '../base/canonical-json.ts';
import { asRefusal, check, type Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { SandboxEpochs } from '../engine/sqlite/sandbox-epochs.ts';
import type { SandboxFrames } from '../engine/sqlite/sandbox-frames.ts';
import { isFinal, type SandboxRuns, type StoredRun } from '../engine/sqlite/sandbox-runs.ts';
import type { SandboxStore } from '../engine/sqlite/sandbox-store.ts';
import type { StoredQuery } from '../engine/sqlite/sandbox-studies.ts';
import { stepDone } from '../engine/sqlite/step-channel.ts';
import { FIRST_EPOCH, MAX_ATTEMPTS } from '../flows/pooled/compile-run.ts';
import type { RunState, SandboxPorts } from '../flows/ports.ts';
import { vectorCiphertexts } from '../he/collective/vector.ts';
import { assembleRun } from './assemble-run.ts';
import { deliver } from './deliver.ts';
import { firstState, newRun, storedRelease } from './new-run.ts';
import { problemOf } from './problem.ts';
import { type Queries, questionOf } from './queries.ts';
import type { Records } from './records.ts';
import { type Relay, refusalOf } from './relay.ts';
import { derivedRelease, releaseOf } from './release.ts';
import { outcomeOf, TRANSIENT } from './run-outcome.ts';
import type { Studies } from './studies.ts';
import type { StudyLog } from './study-log.ts';
import type { Wakeups } from './wakeups.ts';

export type RunsOptions = {
  readonly store: SandboxStore;
  readonly runs: SandboxRuns;
  readonly frames: SandboxFrames;
  readonly epochs: SandboxEpochs;
  readonly studies: Studies;
  readonly queries: Queries;
  readonly relay: Relay;
  readonly record: StudyLog;
  readonly records: Records;
  readonly wakeups: Wakeups;
  readonly ports: Omit<SandboxPorts, 'relay' | 'progress' | 'record'>;
  readonly holders: ReadonlyMap<string, PublicKeyText>;
  readonly closing: AbortSignal;
};

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** States in order; a run that is taken up again passes the earlier ones silently. */
const ORDER = ['waiting for approval', 'reserving', 'computing', 'sharing', 'released'];

export class Runs {
  readonly #options: RunsOptions;
  readonly #driving = new Set<Promise<void>>();

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** Takes up every run that had not ended. */
  resume(): void {
    for (const run of this.#options.runs.unfinished()) this.#launch(run);
  }

  /** Waits until every run has come to rest; they are taken up again at the next start. */
  async close(): Promise<void> {
    await Promise.all(this.#driving);
  }

  get unfinished(): number {
    return this.#driving.size;
  }

  /** Refuses with NOT_FOUND. */
  get(id: Digest): StoredRun {
    const run = this.#options.runs.get(id);
    check(run !== undefined, 'NOT_FOUND', `run ${id}`);
    return run;
  }

  /** The released run that answers `query` free, where there is one. */
  answer(query: StoredQuery): StoredRun | undefined {
    const { runs, queries } = this.#options;
    const released = runs.released(query.study, queries.answeredBy(query));
    return released.find((run) => this.#sameQuestion(run, query)) ?? released[0];
  }

  /** The run of this query: the one that stands, the stored answer, or a new attempt. */
  start(query: StoredQuery, requestKey: string | undefined): StoredRun {
    const { runs } = this.#options;
    const before = requestKey === undefined ? undefined : runs.requested(query.id, requestKey);
    const run = before === undefined ? this.#standing(query) : this.get(before);
    if (requestKey !== undefined) runs.keepRequest(query.id, requestKey, run.id);
    return run;
  }

  #standing(query: StoredQuery): StoredRun {
    const { runs, studies, queries } = this.#options;
    const own = runs.ofQuery(query.id);
    const last = own.at(-1);
    if (last !== undefined && (last.state === 'released' || !isFinal(last.state))) return last;
    studies.checkOpen(studies.get(query.study));
    // A holder may say that the study is stopped only when it is asked to run something.
    const stopped = runs.ofStudy(query.study).some(({ state }) => state === 'stopped');
    check(!stopped, 'STUDY_STOPPED', query.study);
    const attempt = own.length + 1;
    const earlier = this.answer(query);
    if (earlier !== undefined) {
      return this.#sameQuestion(earlier, query) ? earlier : this.#derive(query, attempt, earlier);
    }
    const running = runs
      .unfinished()
      .find((run) => run.queryKey === query.queryKey && this.#sameQuestion(run, query));
    if (running !== undefined) return running;
    check(attempt <= MAX_ATTEMPTS, 'TOO_MANY_REQUESTS', `attempt ${attempt} of ${query.id}`);
    queries.checkRunnable(query, attempt);
    return this.#create(query, attempt);
  }

  #sameQuestion(run: StoredRun, query: StoredQuery): boolean {
    const other = this.#options.queries.get(run.query);
    return canonicalJson(questionOf(other)) === canonicalJson(questionOf(query));
  }

  #create(query: StoredQuery, attempt: number): StoredRun {
    const { store, runs, frames, epochs, queries, wakeups } = this.#options;
    const { plan, sets } = queries.compile(query, { attempt, epoch: FIRST_EPOCH });
    const ciphertexts = vectorCiphertexts(sets, plan.slots);
    const { holders } = plan;
    const run = store.immediate((tx) => {
      const epoch = epochs.next(query.study, ciphertexts, tx);
      const compiled = queries.compile(query, { attempt, epoch });
      const run = newRun(compiled, query, attempt, { state: firstState(compiled), release: null });
      runs.add(tx, run);
      epochs.take(tx, query.study, epoch, ciphertexts);
      const body = canonicalBytes({ query: parseStrict(query.signed), attempt, epoch });
      deliver(frames, tx, { study: run.study, run: run.id, kind: 'query', body }, holders);
      return run;
    });
    stepDone(run.id, 'run/created');
    for (const holder of holders) wakeups.wake(`inbox/${holder}`);
    this.#launch(run);
    return run;
  }

  #derive(query: StoredQuery, attempt: number, earlier: StoredRun): StoredRun {
    const { store, runs, queries, record } = this.#options;
    const compiled = queries.compile(query, { attempt, epoch: FIRST_EPOCH });
    const release = JSON.stringify(derivedRelease(compiled, storedRelease(earlier)));
    const run = newRun(compiled, query, attempt, { state: 'released', release });
    store.immediate((tx) => {
      runs.add(tx, run);
      record.answer(tx, run.study, run.id, earlier.id);
    });
    return run;
  }

  #launch(run: StoredRun): void {
    const driven = this.#drive(run).finally(() => this.#driving.delete(driven));
    this.#driving.add(driven);
  }

  async #drive(run: StoredRun): Promise<void> {
    const { closing, wakeups, ports } = this.#options;
    let pause = FIRST_PAUSE_MS;
    while (!closing.aborted) {
      const done = await this.#turn(run).catch((err: unknown) => {
        ports.log.error({ run: run.id, err }, 'run waits');
        return false;
      });
      if (done) return;
      await wakeups.wait(`retry/${run.id}`, closing, pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  /** True when the run has ended, or will go on at the next start. */
  async #turn(run: StoredRun): Promise<boolean> {
    const { ports, queries } = this.#options;
    const principal = queries.get(run.query).analyst;
    try {
      await this.#assemble(run);
      ports.log.info({ run: run.id, principal }, 'run released');
      return true;
    } catch (error) {
      const refusal = asRefusal(error);
      if (refusal.code === 'SHUTTING_DOWN' || this.#end(run, refusal, principal)) return true;
      const { code, detail, cause: err } = refusal;
      ports.log.error({ run: run.id, principal, code, detail, err }, 'run waits');
      return false;
    }
  }

  async #assemble(stored: StoredRun): Promise<void> {
    const { ports, relay, record, queries, holders, records } = this.#options;
    const run = queries.compile(queries.get(stored.query), stored);
    check(run.run === stored.id, 'DATA_DIRECTORY_DAMAGED', 'run id is not the id of its query');
    const sandbox = {
      ...ports,
      record,
      relay: relay.reader(run.run),
      progress: async (state: RunState) => {
        const { state: now } = this.get(run.run);
        if (ORDER.indexOf(state) > ORDER.indexOf(now)) this.#move(run.run, state);
      },
    };
    const assembled = await assembleRun(run, holders, sandbox, records);
    this.#move(run.run, 'released', { release: JSON.stringify(releaseOf(run, assembled)) });
  }

  /** Ends the run where the fault is final. */
  #end(run: StoredRun, fault: Refusal, principal: PublicKeyText): boolean {
    const { relay, frames, epochs, queries, ports } = this.#options;
    const said = relay.refusal(run.id);
    if (said === undefined && TRANSIENT.has(fault.code)) return false;
    const refusal = said === undefined ? fault : refusalOf(said);
    const { code } = refusal;
    // The next attempt is in the epoch that the holder named.
    if (said?.epoch !== undefined) epochs.raise(run.study, said.epoch);
    const state = outcomeOf({
      holders: queries.compile(queries.get(run.query), run).plan.holders,
      history: frames.history(run.id),
      refusals: relay.refusals(run.id),
      code,
    });
    this.#move(run.id, state, { problem: canonicalJson(problemOf(refusal, run.id)) });
    const { detail, cause: err } = fault;
    ports.log.warn({ run: run.id, principal, state, code, detail, err }, 'run ended');
    return true;
  }

  #move(
    id: Digest,
    ...change: [StoredRun['state'], { problem?: string; release?: string }?]
  ): void {
    if (!this.#options.runs.move(id, ...change)) return;
    stepDone(id, `run/${change[0]}`);
    this.#options.wakeups.wake(`run/${id}`);
  }
}
