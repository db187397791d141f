/**
 * Records of linked runs where several processes serve one address: a run's records are in the memory of the process
 * that drives it, and every other one passes requests on to it, over a connection of their own (records-listener.ts,
 * records-forward.ts).
 *
 *     holder ──▶ process B ──▶ store: who has the records of this run?
 *                          ──▶ process A, which drives the run: number, room, wait and end are decided there
 *
 * Why not rows: the sandbox deals each of the two holders numbers that together tell what neither may know. In a
 * database they would also be in its log and its backups, long after the run; here they are in one memory, once. A
 * process that passes on holds one record of a request, and streams answers.
 *
 * Either may die. Where B does, the holder asks again and comes to another process. Where A does, the run is taken over
 * with its records opened anew, and whoever had begun with the old ones ends it as RUN_INCOMPLETE, as after a restart
 * (engine/transport/run-records.ts); who had not begun goes on. Until then requests are OVERLOADED: asked again.
 *
 * A process that lost its session with the database, and with it its claim on a run, still drives it. So whoever claims
 * a run asks before it opens records anew, and waits where that process is alive and has them. Where the two cannot
 * speak to each other, the last that opened has the records.
 * @module
 */
import { check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { RecordPlace, SandboxRecordPlaces } from '../engine/stores/sandbox-record-places.ts';
import { isFinal, type SandboxRuns } from '../engine/stores/sandbox-runs.ts';
import type { Channel } from '../psi/channel.ts';
import type { RecordsForward } from './records-forward.ts';
import type { Parties, Records, RecordsOfRuns, Taken } from './records.ts';

/** How other processes of the sandbox reach this one. */
export type OwnPlace = Omit<RecordPlace, 'epoch'>;

export type Sharing = {
  readonly places: Pick<SandboxRecordPlaces, 'get' | 'set' | 'clear'>;
  readonly runs: Pick<SandboxRuns, 'get'>;
  readonly forward: RecordsForward;
  readonly own: OwnPlace;
};

export class SharedRecords implements RecordsOfRuns {
  readonly #here: Records;
  /** Undefined where there is one process. */
  #sharing: Sharing | undefined;

  constructor(here: Records) {
    this.#here = here;
  }

  /** From here on other processes may have the records of a run; before any run is driven. */
  share(sharing: Sharing): void {
    this.#sharing = sharing;
  }

  /** Refuses with CONFLICT where another process has them, and lives. */
  async open(run: Digest, holders: readonly string[]): Promise<void> {
    if (this.#sharing === undefined) {
      this.#here.open(run, holders);
      return;
    }
    const { places, own, forward } = this.#sharing;
    const before = await places.get(run);
    const alive = before !== undefined && (await forward.has(before, run));
    check(!alive, 'CONFLICT', 'another process has the records of this run');
    await places.set(run, { epoch: this.#here.open(run, holders), ...own });
  }

  async close(run: Digest): Promise<void> {
    const epoch = this.#here.epochOf(run);
    this.#here.close(run);
    // Where it cannot be written it stays: who asks here is told that there is nothing.
    if (epoch !== undefined) await this.#sharing?.places.clear(run, epoch).catch(() => undefined);
  }

  /** The sandbox's own end, of records that were opened here. */
  channel(run: Digest, holder: string, ended: AbortSignal): Channel {
    return this.#here.channel(run, holder, ended);
  }

  async put(run: Digest, parties: Parties, number: number, record: Uint8Array): Promise<string> {
    const there = await this.#elsewhere(run);
    if (there === undefined) return this.#here.put(run, parties, number, record);
    return there.forward.put(there.place, run, parties, number, record);
  }

  async take(
    run: Digest,
    parties: Parties,
    after: number,
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<Taken> {
    const there = await this.#elsewhere(run);
    if (there === undefined) return this.#here.take(run, parties, after, milliseconds, gone);
    return there.forward.take(there.place, run, parties, after, milliseconds, gone);
  }

  /** The process that has the records, where it is another one. Refuses with NOT_FOUND a run that is over. */
  async #elsewhere(run: Digest) {
    if (this.#sharing === undefined) return undefined;
    const { places, runs, forward } = this.#sharing;
    const place = await places.get(run);
    if (place !== undefined) {
      return place.epoch === this.#here.epochOf(run) ? undefined : { place, forward };
    }
    const stored = await runs.get(run);
    check(stored !== undefined && !isFinal(stored.state), 'NOT_FOUND', `records of run ${run}`);
    throw new Refusal('OVERLOADED', 'records that no process has opened yet');
  }
}
