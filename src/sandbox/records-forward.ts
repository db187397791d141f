/** Passes requests about records on to the process that has them (shared-records.ts, peer-line.ts). @module */
import type { IncomingMessage } from 'node:http';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { RecordPlace } from '../engine/stores/sandbox-record-places.ts';
import { EPOCH_HEADER } from '../engine/transport/run-records.ts';
import { SANDBOX } from '../flows/frame.ts';
import type { PeerLine } from './peer-line.ts';
import { pathOf } from './records-door.ts';
import type { Parties, Taken } from './records.ts';

/** How long a process may take to say that it lives. */
const ALIVE_MS = 5000;

export class RecordsForward {
  readonly #line: PeerLine;

  constructor(line: PeerLine) {
    this.#line = line;
  }

  /** Whether that process lives, and still has what it opened there. */
  async has(place: RecordPlace, run: Digest): Promise<boolean> {
    const path = pathOf(run, { from: SANDBOX, to: SANDBOX });
    const asked = this.#line.send(place, { method: 'HEAD', path }, ALIVE_MS);
    const answer = await asked.catch(() => undefined);
    answer?.resume();
    return answer?.statusCode === 200 && answer.headers[EPOCH_HEADER] === place.epoch;
  }

  async put(
    place: RecordPlace,
    run: Digest,
    parties: Parties,
    number: number,
    record: Uint8Array,
  ): Promise<string> {
    const path = `${pathOf(run, parties)}?number=${number}`;
    const answer = await this.#line.ask(place, { method: 'POST', path, body: record });
    answer.resume();
    return epochOf(answer);
  }

  async take(
    place: RecordPlace,
    run: Digest,
    parties: Parties,
    after: number,
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<Taken> {
    const path = `${pathOf(run, parties)}?after=${after}&wait=${Math.round(milliseconds)}`;
    const stream = await this.#line.ask(place, { method: 'GET', path, gone });
    return { epoch: epochOf(stream), stream };
  }
}

function epochOf({ headers }: IncomingMessage): string {
  const epoch = headers[EPOCH_HEADER];
  check(typeof epoch === 'string', 'INTERNAL', 'records without an epoch');
  return epoch;
}
