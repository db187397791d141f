/**
 * Takes what the wire delivers to the flows: studies to accept, queries to run, frames of runs that are under way. A run
 * that was open when the process died is taken up again at start.
 *
 * Adversary   the sandbox, whose frames are unsigned: what it makes up is logged and never makes this holder sign
 *             something about a run or study that it takes part in already. Who signed a refusal of a run never goes on
 *             with that run, also across a crash. The sandbox may present the attempts of one signed query all at once:
 *             they run one after another, so that the first leaves its vector and the others are free.
 * @module
 */
import { fromUtf8 } from '../base/bytes.ts';
import { canonicalJson, type Json, parseStrict } from '../base/canonical-json.ts';
import { asRefusal, check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Plan } from '../cohort/plan.ts';
import type { HolderFrames } from '../engine/stores/holder-frames.ts';
import type { HolderRuns, StoredRun } from '../engine/stores/holder-runs.ts';
import { RunRelay } from '../engine/transport/run-relay.ts';
import { EVERYONE, type Frame, SANDBOX } from '../flows/frame.ts';
import {
  type CompiledRun,
  compileRun,
  compileStored,
  readRunRequest,
} from '../flows/pooled/compile-run.ts';
import { encodeRefusal } from '../flows/pooled/refusal.ts';
import type { HolderPorts } from '../flows/ports.ts';
import { FINAL_AFTER_TOUCH, holdRun, type RunAccess } from './hold-run.ts';
import type { Studies } from './studies.ts';
import { takeStudy } from './study-frames.ts';
import type { Witness } from './witness.ts';

export type SupervisorOptions = {
  readonly ports: Omit<HolderPorts, 'relay'>;
  readonly runs: HolderRuns;
  readonly frames: HolderFrames;
  readonly studies: Studies;
  readonly witness: Witness;
  readonly access: RunAccess;
  /** Whether a run is in the ledger and was not ended free: it ends as it was asked, whatever was amended. */
  readonly reserved: (run: Digest) => Promise<boolean>;
  /** Before anything is reserved: refuses what this holder's data cannot answer. */
  readonly prepare?: (plan: Plan, run: Digest) => Promise<void>;
  /** Resolves when this holder's stewards let the run go on; `ended` rejects when it is over. */
  readonly approved?: (run: CompiledRun, ended: Promise<never>) => Promise<void>;
  /** Deletes keys and long messages of a run that has ended; gives the statement about it, where there is one. */
  readonly forget: (run: Digest) => Promise<Uint8Array | undefined>;
  /** Takes back what of a run has not left yet. */
  readonly withdraw: (run: Digest) => Promise<void>;
  readonly wake: () => void;
};

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #relays = new Map<Digest, RunRelay>();
  readonly #flows = new Map<Digest, Promise<void>>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Takes up every run that was open when the process ended. */
  async resume(): Promise<void> {
    for (const run of await this.#options.runs.runs()) {
      if (run.state === 'open') await this.#start(run);
      else await this.#forget(run);
    }
  }

  get open(): number {
    return this.#flows.size;
  }

  /** Ends the flows where they wait; their runs stay open. */
  async close(): Promise<void> {
    for (const relay of this.#relays.values()) relay.end(new Refusal('SHUTTING_DOWN', 'holder'));
    await Promise.all(this.#flows.values());
  }

  /** A steward of this holder stops a study: no flow of it goes on, now or later. */
  async stop(study: Digest): Promise<void> {
    const { runs, withdraw } = this.#options;
    await runs.stopStudy(study);
    const refusal = new Refusal('STUDY_STOPPED', study);
    for (const run of await runs.runs(study)) {
      this.#relays.get(run.id)?.end(refusal);
      // What waits for a sandbox that is away must not leave when it comes back (rulings 35).
      await withdraw(run.id);
    }
    // The others are told; the stop holds whether or not they hear of it.
    const relay = this.#relay(study, study);
    await relay.send('refusal', EVERYONE, () => Promise.resolve(encodeRefusal(refusal, false)));
  }

  /** A version of a study, from the sandbox or from this holder's own staff. */
  takeStudy(frame: Pick<Frame, 'study' | 'run' | 'body'>): ReturnType<typeof takeStudy> {
    const { runs, studies, ports, reserved } = this.#options;
    return takeStudy(frame, {
      runs,
      studies,
      log: ports.log,
      relay: (study, run) => this.#relay(study, run),
      reserved,
      end: (run, refusal) => this.end(run, refusal),
    });
  }

  /** Ends the flow of a run where it waits; false where there is none. */
  end(run: Digest, refusal: Refusal): boolean {
    const relay = this.#relays.get(run);
    relay?.end(refusal);
    return relay !== undefined;
  }

  async deliver(frame: Frame): Promise<void> {
    if (frame.kind === 'study') await this.takeStudy(frame);
    else if (frame.kind === 'checkpoint') await this.#checkpoint(frame);
    else if (frame.kind === 'query') await this.#query(frame);
    else await this.#relays.get(frame.run)?.notify();
  }

  /** Co-signs the log of the study, or says aloud that it will not. */
  async #checkpoint(frame: Frame): Promise<void> {
    const { runs, witness } = this.#options;
    const { study, run } = frame;
    // Of a study that this holder does not take part in there is nothing to witness.
    if ((await runs.study(study)) === undefined) return;
    await witness.answer(frame, this.#relay(study, run), (await runs.run(run)) !== undefined);
  }

  async #query(frame: Frame): Promise<void> {
    const { runs, ports, studies } = this.#options;
    const { log, clock } = ports;
    try {
      const study = await studies.open(frame.study);
      const request = fromUtf8(frame.body);
      const accepted = clock.now();
      const asked = readRunRequest(parseStrict(request), study, accepted);
      const { run, plan } = compileRun(study, asked);
      check(run === frame.run, 'MALFORMED_MESSAGE', 'run id is not the id of this query');
      if (!plan.holders.includes(ports.holder)) return; // a linked query of others
      const accepted_at = accepted.toISOString();
      const stored = await runs.keepRun({ id: run, study: study.id, request, accepted_at });
      if (stored.state === 'open') await this.#start(stored);
    } catch (error) {
      const refusal = asRefusal(error);
      const { code, detail } = refusal;
      log.warn({ run: frame.run, code, detail }, 'query refused');
      // Only the flow of a run that was accepted speaks for it.
      if ((await runs.run(frame.run)) !== undefined || frame.run === frame.study) return;
      const relay = this.#relay(frame.study, frame.run);
      await relay.send('refusal', EVERYONE, () => Promise.resolve(encodeRefusal(refusal, false)));
    }
  }

  /** `peers` are the holders whose word counts in this run. */
  #relay(study: Digest, run: Digest, peers: readonly string[] = []): RunRelay {
    const { ports, frames, wake } = this.#options;
    return new RunRelay({ study, run, holder: ports.holder, peers, key: ports.key, frames, wake });
  }

  async #start(stored: StoredRun): Promise<void> {
    const peers = (await this.#options.studies.any(stored.study)).holders.map(({ name }) => name);
    const before = await this.#earlierAttempts(stored);
    // From here on without a pause: there is one flow of a run.
    if (this.#relays.has(stored.id)) return;
    const relay = this.#relay(stored.study, stored.id, peers);
    this.#relays.set(stored.id, relay);
    const over = (): void => {
      this.#relays.delete(stored.id);
      this.#flows.delete(stored.id);
    };
    const flow = Promise.all(before).then(() => this.#run(stored, relay));
    this.#flows.set(stored.id, flow.finally(over));
  }

  /** What runs now of the same signed query: one signature is not to be charged twice. */
  async #earlierAttempts({ id, study, request }: StoredRun): Promise<readonly Promise<void>[]> {
    const signed = signedQueryOf(request);
    return (await this.#options.runs.runs(study))
      .filter((run) => run.id !== id && this.#flows.has(run.id))
      .filter((run) => signedQueryOf(run.request) === signed)
      .flatMap((run) => this.#flows.get(run.id) ?? []);
  }

  async #run(stored: StoredRun, relay: RunRelay): Promise<void> {
    const { ports, runs, frames, studies, reserved } = this.#options;
    const { id } = stored;
    let linked = false;
    try {
      // Signed before the process died: the others may have read it.
      const refused = await frames.queued(id, EVERYONE, 'refusal');
      check(!refused, 'RUN_ABORTED', 'this holder refused the run before');
      const study = await studies.open(stored.study);
      // Its expiry was checked when the query was accepted: a slow run does not expire.
      const accepted = new Date(stored.accepted_at);
      const { request, ...asked } = compileStored(study, parseStrict(stored.request), accepted);
      const narrow = async (run: CompiledRun): Promise<CompiledRun> =>
        (await reserved(id)) ? run : studies.narrow(run, request);
      const run = await narrow(asked.run);
      linked = run.plan.link !== undefined;
      ports.log.info({ run: id, study: study.id }, 'run started');
      const ended = relay.ended();
      ended.catch(() => undefined); // said by whatever waits for the relay
      await this.#options.approved?.(run, ended);
      // A run that touched data before the process died goes on with what it has.
      if (!(await ports.ledger.touched(id))) await this.#options.prepare?.(run.plan, id);
      const held = await narrow(run);
      const released = await holdRun(held, { ...ports, relay }, relay.signal, this.#options.access);
      await runs.endRun(id, 'attested', null);
      await this.#forget(stored);
      ports.log.info({ run: id, released }, 'run attested');
    } catch (error) {
      await this.#end(stored, asRefusal(error), linked).catch((err: unknown) => {
        // The run stays open in the store and is taken up again at the next start.
        ports.log.error({ run: id, err }, 'run could not be ended');
      });
    }
  }

  /** Signs off from a run: free where no data was touched, final where it can never go on. */
  async #end({ id, study }: StoredRun, refusal: Refusal, linked: boolean): Promise<void> {
    const { ports, runs } = this.#options;
    const { code, detail } = refusal;
    if (code === 'SHUTTING_DOWN') return;
    const touched = await ports.ledger.touched(id);
    const lost = linked && (await ports.ledger.vector(id)) === undefined;
    if (touched && !lost && !FINAL_AFTER_TOUCH.has(code)) {
      ports.log.error({ run: id, code, detail, err: refusal.cause }, 'run stays open');
      return;
    }
    if (!touched) await ports.ledger.abort(id);
    ports.log.warn({ run: id, code, detail, touched, err: refusal.cause }, 'run ended');
    const relay = this.#relay(study, id);
    await relay.send('refusal', EVERYONE, () => Promise.resolve(encodeRefusal(refusal, touched)));
    await runs.endRun(id, 'ended', code);
    await this.#forget({ id, study });
  }

  /** The sandbox is told that the keys are gone, for the log of the study. */
  async #forget({ id, study }: Pick<StoredRun, 'id' | 'study'>): Promise<void> {
    const statement = await this.#options.forget(id);
    if (statement === undefined) return;
    await this.#relay(study, id).send('erasure', SANDBOX, () => Promise.resolve(statement));
  }
}

/** The signed query of a stored request, in canonical form. */
const signedQueryOf = (request: string): string =>
  canonicalJson((parseStrict(request) as { readonly query: Json }).query);
