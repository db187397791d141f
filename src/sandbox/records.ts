/**
 * Channels of runs in memory: numbered records from one party of a run to another, kept until they are taken.
 *
 * Nothing here is durable, on purpose: the steps that use a channel are attempted once in the life of a run
 * (flows/linked/begin.ts), so a restart has nothing to go on with, and what went through it is nowhere afterwards. An
 * `epoch` stands for what was opened once: a party that meets another one than it began with ends the run. Where
 * several processes serve one address, one of them has the records of a run (shared-records.ts).
 *
 * Limits    a record is at most 4 MiB, a direction holds 32 MiB that nobody took, all of them together 512 MiB. A sender
 *           above that waits, and then is told TOO_MANY_REQUESTS, which it tries again.
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { concatAll } from '../base/bytes.ts';
import { encodeCbor } from '../base/codec.ts';
import { check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { SANDBOX } from '../flows/frame.ts';
import type { Channel } from '../psi/channel.ts';
import { Wakeups } from './wakeups.ts';

export const MAX_RECORD_BYTES: number = 4 * 1024 * 1024;
const MOST_WAITING = 32 * 1024 * 1024;
const MOST_ALTOGETHER = 512 * 1024 * 1024;
/** Of one answer. */
const MOST_ANSWERED = 16 * 1024 * 1024;
/** How long a sender waits for room. */
const ROOM_MS = 20_000;

/** One direction between two parties of a run. */
type Line = {
  /** Number of the first record that is held; records count from 0. */
  first: number;
  records: Uint8Array[];
  bytes: number;
};

/** The direction of a record: names of holders, or the sandbox. */
export type Parties = { readonly from: string; readonly to: string };

/** Records of an answer, or of one that another process gives: a CBOR sequence of byte strings. */
export type Taken = { readonly epoch: string } & (
  | { readonly records: readonly Uint8Array[] }
  | { readonly stream: Readable }
);

/** What a run's parties may ask, of this process or of the one that has the records. */
export interface RecordsOfRuns {
  /** Takes the record with this number; one that was taken before changes nothing. Gives the epoch. */
  put(run: Digest, parties: Parties, number: number, record: Uint8Array): Promise<string>;
  /** Records from `after` on, which acknowledges those before; waits up to `milliseconds` for the first. */
  take(
    run: Digest,
    parties: Parties,
    after: number,
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<Taken>;
}

type Opened = { readonly epoch: string; readonly lines: ReadonlyMap<string, Line> };

/** As an answer carries them. */
export const encodeRecords = (records: readonly Uint8Array[]): Uint8Array =>
  concatAll(records.map((record) => encodeCbor(record)));

const nameOf = ({ from, to }: Parties): string => `${from}/${to}`;

const sizeOf = (records: readonly Uint8Array[]): number =>
  records.reduce((sum, { length }) => sum + length, 0);

export class Records implements RecordsOfRuns {
  readonly #runs = new Map<Digest, Opened>();
  readonly #wakeups = new Wakeups();
  readonly #closing: AbortSignal;
  #bytes = 0;

  constructor(closing: AbortSignal) {
    this.#closing = closing;
  }

  /** From here on the holders of `run` and the sandbox may talk. Gives the epoch. */
  open(run: Digest, holders: readonly string[]): string {
    const epoch = randomUUID();
    const lines = [...holders, SANDBOX].flatMap((from) =>
      [...holders, SANDBOX]
        .filter((to) => to !== from)
        .map((to): [string, Line] => [nameOf({ from, to }), { first: 0, records: [], bytes: 0 }]),
    );
    this.#runs.set(run, { epoch, lines: new Map(lines) });
    return epoch;
  }

  /** Of what is open here. */
  epochOf(run: Digest): string | undefined {
    return this.#runs.get(run)?.epoch;
  }

  /** Whoever asks now is told that the run is over. */
  close(run: Digest): void {
    for (const { bytes } of this.#runs.get(run)?.lines.values() ?? []) this.#bytes -= bytes;
    this.#runs.delete(run);
    this.#wakeups.wake(run);
  }

  async put(run: Digest, parties: Parties, number: number, record: Uint8Array): Promise<string> {
    check(record.length <= MAX_RECORD_BYTES, 'PAYLOAD_TOO_LARGE', `${record.length} bytes`);
    const until = performance.now() + ROOM_MS;
    for (;;) {
      const { epoch, line } = this.#line(run, parties);
      const next = line.first + line.records.length;
      if (number < next) return epoch;
      check(number === next, 'SEQUENCE_CONFLICT', `record ${number}, expected ${next}`);
      const room =
        line.bytes + record.length <= MOST_WAITING &&
        this.#bytes + record.length <= MOST_ALTOGETHER;
      if (room) {
        line.records.push(record);
        line.bytes += record.length;
        this.#bytes += record.length;
        this.#wakeups.wake(run);
        return epoch;
      }
      const left = until - performance.now();
      check(left > 0, 'TOO_MANY_REQUESTS', 'records that nobody takes');
      // A wait that is over before it began would never let go of the thread.
      check(!this.#closing.aborted, 'SHUTTING_DOWN', 'records');
      await this.#wakeups.wait(run, this.#closing, left);
    }
  }

  async take(
    run: Digest,
    parties: Parties,
    after: number,
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<{ readonly epoch: string; readonly records: readonly Uint8Array[] }> {
    const until = performance.now() + milliseconds;
    for (;;) {
      const { epoch, line } = this.#line(run, parties);
      this.#acknowledge(run, line, after);
      const { records } = line;
      if (records.length > 0) {
        let total = 0;
        const some = records.filter(({ length }, i) => {
          total += length;
          return i === 0 || total <= MOST_ANSWERED;
        });
        return { epoch, records: some };
      }
      const left = until - performance.now();
      if (left <= 0 || gone.aborted || this.#closing.aborted) return { epoch, records: [] };
      await this.#wakeups.wait(run, AbortSignal.any([gone, this.#closing]), left);
    }
  }

  /** The sandbox's own end of its records with `holder`, until `ended`. */
  channel(run: Digest, holder: string, ended: AbortSignal): Channel {
    const [out, into] = [
      { from: SANDBOX, to: holder },
      { from: holder, to: SANDBOX },
    ];
    let [sent, received] = [0, 0];
    return {
      send: async (record) => {
        while (!(await this.#offer(run, out, sent, record))) ended.throwIfAborted();
        sent += 1;
      },
      receive: async () => {
        for (;;) {
          ended.throwIfAborted();
          check(!this.#closing.aborted, 'SHUTTING_DOWN', 'records');
          const { records } = await this.take(run, into, received, ROOM_MS, ended);
          const [record] = records;
          if (record === undefined) continue;
          received += 1;
          return record;
        }
      },
    };
  }

  /** Whether there was room. */
  async #offer(run: Digest, parties: Parties, number: number, record: Uint8Array) {
    try {
      await this.put(run, parties, number, record);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'TOO_MANY_REQUESTS') return false;
      throw error;
    }
  }

  #acknowledge(run: Digest, line: Line, after: number): void {
    const taken = after - line.first;
    const known = taken >= 0 && taken <= line.records.length;
    check(known, 'SEQUENCE_CONFLICT', `after ${after}, held from ${line.first}`);
    if (taken === 0) return;
    const size = sizeOf(line.records.slice(0, taken));
    line.records = line.records.slice(taken);
    line.first = after;
    line.bytes -= size;
    this.#bytes -= size;
    this.#wakeups.wake(run);
  }

  #line(run: Digest, parties: Parties): { readonly epoch: string; readonly line: Line } {
    const opened = this.#runs.get(run);
    const line = opened?.lines.get(nameOf(parties));
    check(opened !== undefined && line !== undefined, 'NOT_FOUND', `records of run ${run}`);
    return { epoch: opened.epoch, line };
  }
}
