/**
 * Runs: driven until they end, taken up again after a restart. What a run does is flows/pooled/assemble.ts, who starts it
 * is run-starts.ts; here is how it ends.
 *
 * Every frame is durable, so a run that died with the process goes on where the frames are. A fault of this machine (disk,
 * worker) is tried again for as long as the service lives; what a holder signed, or sent wrong, ends the run.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson } from '../base/canonical-json.ts';
import { asRefusal, check, type Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { SandboxEpochs } from '../engine/stores/sandbox-epochs.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import { isFinal, type SandboxRuns, type StoredRun } from '../engine/stores/sandbox-runs.ts';
import type { Peers } from '../engine/stores/peers.ts';
import type { StoredQuery } from '../engine/stores/sandbox-studies.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { RunState, SandboxPorts } from '../flows/ports.ts';
import { assembleRun } from './assemble-run.ts';
import { problemOf } from './problem.ts';
import type { Queries } from './queries.ts';
import type { SharedRecords } from './shared-records.ts';
import { type Relay, refusalOf } from './relay.ts';
import { releaseOf } from './release.ts';
import { outcomeOf, TRANSIENT } from './run-outcome.ts';
import type { RunStarts } from './run-starts.ts';
import type { StudyLog } from './study-log.ts';
import type { End, Turns } from './turns.ts';
import { RUN_ENDED, type Wakeups } from './wakeups.ts';

export type RunsOptions = {
  readonly runs: SandboxRuns;
  readonly frames: SandboxFrames;
  readonly epochs: SandboxEpochs;
  readonly starts: RunStarts;
  readonly turns: Turns;
  readonly queries: Queries;
  readonly relay: Relay;
  readonly record: StudyLog;
  readonly records: SharedRecords;
  readonly wakeups: Wakeups;
  readonly peers: Peers;
  readonly ports: Omit<SandboxPorts, 'relay' | 'progress' | 'record'>;
  readonly holders: ReadonlyMap<string, PublicKeyText>;
  readonly closing: AbortSignal;
};

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** How often it is looked for runs that nobody drives any more. */
const SWEEP_MS = 2000;

export class Runs {
  readonly #options: RunsOptions;
  readonly #driving = new Map<Digest, Promise<void>>();
  /** Of runs that another process may be driving. */
  readonly #claiming = new Set<Digest>();
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** Takes up every run that had not ended, and from now on those of other processes that died. */
  async resume(): Promise<void> {
    await this.#sweep();
    if (this.#options.peers.some) this.#sweeping = this.#sweepOn();
  }

  async #sweep(): Promise<void> {
    const runs = await this.#options.runs.unfinished();
    await Promise.all(runs.map((run) => this.#launch(run)));
  }

  async #sweepOn(): Promise<void> {
    const { closing, ports } = this.#options;
    const pause = (): Promise<boolean> =>
      sleep(SWEEP_MS, true, { signal: closing }).catch(() => false);
    while (await pause()) {
      await this.#sweep().catch((err: unknown) => {
        ports.log.error({ err }, 'runs could not be looked through');
      });
    }
  }

  /** Waits until every run has come to rest; they are taken up again at the next start. */
  async close(): Promise<void> {
    await this.#sweeping;
    await Promise.all(this.#driving.values());
  }

  get unfinished(): number {
    return this.#driving.size;
  }

  /** Refuses with NOT_FOUND. */
  async get(id: Digest): Promise<StoredRun> {
    const run = await this.#options.runs.get(id);
    check(run !== undefined, 'NOT_FOUND', `run ${id}`);
    return run;
  }

  /** The released run that answers `query` free, where there is one. */
  answer(query: StoredQuery): Promise<StoredRun | undefined> {
    return this.#options.starts.answer(query);
  }

  /** The run of this query: the one that stands, the stored answer, or a new attempt. */
  async start(query: StoredQuery, requestKey: string | undefined): Promise<StoredRun> {
    const { turns, starts } = this.#options;
    const turn = turns.free();
    try {
      const { run, created } = await starts.start(query, requestKey, turn !== undefined);
      if (created) await this.#launch(run, turn);
      else turn?.();
      return run;
    } catch (error) {
      turn?.();
      throw error;
    }
  }

  /** A run can get no further, by its messages: it ends, whoever drives it. One that is over, or none, is left. */
  async broken(id: Digest, fault: Refusal): Promise<void> {
    const run = await this.#options.runs.get(id);
    if (run !== undefined && !isFinal(run.state)) await this.#end(run, fault);
  }

  /** Drives a run unless somebody does: this process, or another one. */
  async #launch({ id }: StoredRun, turn?: End): Promise<void> {
    const { peers } = this.#options;
    const claim = `run/${id}`;
    const known = this.#driving.has(id) || this.#claiming.has(id);
    this.#claiming.add(id);
    try {
      const run = !known && (await peers.claim(claim)) ? await this.get(id) : undefined;
      if (run === undefined) {
        turn?.();
        return;
      }
      const driven = isFinal(run.state) ? Promise.resolve(turn?.()) : this.#inTurn(run, turn);
      const over = async (): Promise<void> => {
        await peers.release(claim);
        this.#driving.delete(id);
      };
      this.#driving.set(id, driven.finally(over));
    } finally {
      if (!known) this.#claiming.delete(id);
    }
  }

  /** One that holders know of goes on at once; any other waits until it is its study's turn. */
  async #inTurn(run: StoredRun, free: End | undefined): Promise<void> {
    const { turns, starts, closing } = this.#options;
    // Where the store is away the run takes a turn: driving it asks again, and waits.
    const begun = free !== undefined || (await starts.begun(run).catch(() => false));
    const turn = begun ? free : await turns.take(run.study, closing);
    try {
      await this.#drive(run);
    } finally {
      turn?.();
    }
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
    const { ports, queries, starts } = this.#options;
    const principal = (await queries.get(run.query)).analyst;
    try {
      await starts.begin(run);
      await this.#assemble(run);
      ports.log.info({ run: run.id, principal }, 'run released');
      return true;
    } catch (error) {
      const refusal = asRefusal(error);
      if (refusal.code === 'SHUTTING_DOWN') return true;
      if (await this.#end(run, refusal)) return true;
      const { code, detail, cause: err } = refusal;
      ports.log.error({ run: run.id, principal, code, detail, err }, 'run waits');
      return false;
    }
  }

  async #assemble(stored: StoredRun): Promise<void> {
    const { ports, relay, record, queries, holders, records } = this.#options;
    const run = await queries.compile(await queries.get(stored.query), stored);
    check(run.run === stored.id, 'DATA_DIRECTORY_DAMAGED', 'run id is not the id of its query');
    const sandbox = {
      ...ports,
      record,
      relay: relay.reader(run.run),
      progress: (state: RunState) => this.#move(run.run, state).then(() => undefined),
    };
    const assembled = await assembleRun(run, holders, sandbox, records);
    await this.#move(run.run, 'released', { release: JSON.stringify(releaseOf(run, assembled)) });
  }

  /** Ends the run where the fault is final; said once, where it was ended meanwhile. */
  async #end(run: StoredRun, fault: Refusal): Promise<boolean> {
    const { relay, frames, epochs, queries, ports } = this.#options;
    const said = await relay.refusal(run.id);
    if (said === undefined && TRANSIENT.has(fault.code)) return false;
    const refusal = said === undefined ? fault : refusalOf(said);
    const { code } = refusal;
    // The next attempt is in the epoch that the holder named.
    if (said?.epoch !== undefined) await epochs.raise(run.study, said.epoch);
    const query = await queries.get(run.query);
    const state = outcomeOf({
      holders: (await queries.compile(query, run)).plan.holders,
      history: await frames.history(run.id),
      refusals: await relay.refusals(run.id),
      code,
    });
    const problem = canonicalJson(problemOf(refusal, run.id));
    if (!(await this.#move(run.id, state, { problem }))) return true;
    const { detail, cause: err } = fault;
    const where = { run: run.id, principal: query.analyst, state };
    ports.log.warn({ ...where, code, detail, err }, 'run ended');
    return true;
  }

  /** False where it was there, or beyond. */
  async #move(
    id: Digest,
    ...change: [StoredRun['state'], { problem?: string; release?: string }?]
  ): Promise<boolean> {
    if (!(await this.#options.runs.move(id, ...change))) return false;
    stepDone(id, `run/${change[0]}`);
    this.#options.wakeups.wake(`run/${id}`);
    if (isFinal(change[0])) this.#options.wakeups.wake(RUN_ENDED);
    return true;
  }
}
