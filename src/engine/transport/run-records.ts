/**
 * A holder's records of one run with one other party, through the sandbox (sandbox/records.ts has the other side):
 * posts with a number, long polls behind a number. Outbound only, like the rest of the wire.
 *
 * Nothing is kept over a restart, and records that were opened anew, for the process that had them is gone, are refused
 * with RUN_INCOMPLETE: what was said before is gone. A lost connection is tried again, with the same number, until `stallMs` have passed without
 * any progress; so is a sandbox that has no room.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { asRefusal, check, type ErrorCode, Refusal } from '../../base/errors.ts';
import { splitCborSequence, decodeCbor } from '../../base/codec.ts';
import type { Digest } from '../../base/hash.ts';
import type { Records } from '../../flows/linked/ports.ts';
import { refusalOfResponse } from './problem-response.ts';
import type { RequestOptions, SignedRequest, SignedResponse } from './signed-request.ts';

const RECORD_TYPE = 'application/octet-stream';
export const EPOCH_HEADER = 'kakehashi-epoch';

export type RunRecordsOptions = {
  readonly request: SignedRequest;
  readonly run: Digest;
  /** The other party: a holder, or the sandbox. */
  readonly party: string;
  /** Aborted with a refusal when the run is over. */
  readonly signal: AbortSignal;
  /** How long the other party may be silent. */
  readonly stallMs: number;
};

const PAUSE_MS = 200;
const WAIT_SECONDS = 20;
/** Bytes that were given to `send` and have not left. */
const MOST_AHEAD = 16 * 1024 * 1024;

/** Refusals that the next try may not meet. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'SANDBOX_UNREACHABLE',
  'TOO_MANY_REQUESTS',
  'OVERLOADED',
  'SHUTTING_DOWN',
]);

export class RunRecords implements Records {
  readonly #options: RunRecordsOptions;
  #epoch: string | undefined;
  #sent = 0;
  #received = 0;
  #ahead = 0;
  #leaving: Promise<void> = Promise.resolve();
  #failed: Refusal | undefined;
  #arrived: Uint8Array[] = [];

  constructor(options: RunRecordsOptions) {
    this.#options = options;
  }

  /** Returns as soon as there is room; a record that could not leave is refused at the next call. */
  async send(record: Uint8Array): Promise<void> {
    this.#checkOpen();
    const number = this.#sent;
    this.#sent += 1;
    this.#ahead += record.length;
    this.#leaving = this.#leaving
      .then(() => this.#post(number, record))
      .catch((error: unknown) => {
        this.#failed ??= asRefusal(error);
      })
      .finally(() => {
        this.#ahead -= record.length;
      });
    if (this.#ahead > MOST_AHEAD) await this.#leaving;
    this.#checkOpen();
  }

  async receive(): Promise<Uint8Array> {
    const { stallMs } = this.#options;
    const until = performance.now() + stallMs;
    for (;;) {
      const record = this.#arrived.shift();
      if (record !== undefined) return record;
      // What the other waits for must have left before this side waits.
      this.#checkOpen();
      const { body } = await this.#request(
        'GET',
        `${this.#path()}?after=${this.#received}&wait=${WAIT_SECONDS}`,
        { accept: 'application/cbor-seq', timeoutMs: 2 * WAIT_SECONDS * 1000 },
      );
      this.#arrived = splitCborSequence(body).map(bytesOf);
      this.#received += this.#arrived.length;
      check(performance.now() < until, 'RUN_INCOMPLETE', `${this.#options.party} is silent`);
    }
  }

  /** Resolves once everything that was sent has left. */
  async flush(): Promise<void> {
    await this.#leaving;
    this.#checkOpen();
  }

  #path(): string {
    const { run, party } = this.#options;
    return `/v1/runs/${run}/records/${party}`;
  }

  async #post(number: number, record: Uint8Array): Promise<void> {
    this.#checkOpen();
    const options = { body: record, contentType: RECORD_TYPE, timeoutMs: 60_000 };
    await this.#request('POST', `${this.#path()}?number=${number}`, options);
  }

  async #request(method: 'GET' | 'POST', path: string, options: RequestOptions) {
    const { request, signal, stallMs } = this.#options;
    const until = performance.now() + stallMs;
    for (;;) {
      this.#checkOpen();
      try {
        const response = await request(method, path, { ...options, signal });
        if (response.status !== 200 && response.status !== 202) throw refusalOfResponse(response);
        this.#sameEpoch(response);
        return response;
      } catch (error) {
        signal.throwIfAborted();
        const refusal = asRefusal(error);
        if (!PASSING.has(refusal.code) || performance.now() > until) throw lost(refusal);
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #sameEpoch({ headers }: SignedResponse): void {
    const epoch = headers[EPOCH_HEADER];
    check(epoch !== undefined, 'SANDBOX_RESPONSE', 'records without an epoch');
    this.#epoch ??= epoch;
    check(epoch === this.#epoch, 'RUN_INCOMPLETE', 'the records were opened anew');
  }

  #checkOpen(): void {
    this.#options.signal.throwIfAborted();
    if (this.#failed !== undefined) throw this.#failed;
  }
}

/** What the channel has lost cannot be said again. */
function lost(error: Refusal): Refusal {
  const gone = error.code === 'NOT_FOUND' || error.code === 'SEQUENCE_CONFLICT';
  if (!gone && !PASSING.has(error.code)) return error;
  return new Refusal('RUN_INCOMPLETE', `records: ${error.code}`, undefined, { cause: error });
}

function bytesOf(item: Uint8Array): Uint8Array {
  const bytes = decodeCbor(item);
  check(bytes instanceof Uint8Array, 'SANDBOX_RESPONSE', 'record');
  return bytes;
}
