/**
 * Uploads of runs where several processes serve one address: the keys of a run's uploads are in the memory of the process
 * that opened the first of them, and every other one passes requests on to it (uploads-door.ts).
 *
 *     holder ──▶ process B ──▶ store: who has the uploads of this run?
 *                          ──▶ process A: opens, keeps, runs, answers
 *
 * Either may die. Where B does, the holder's request fails and it uploads again, as after a restart (holder/study-cohort.ts);
 * where A does, the keys are gone with it, requests are OVERLOADED, and whoever is asked to open the next upload takes
 * the run over. Where the two cannot speak to each other each has its own: an upload is whole in one process.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { asRefusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { RecordPlace, SandboxRecordPlaces } from '../engine/stores/sandbox-record-places.ts';
import type { SignedOpening } from '../flows/sandboxed-run.ts';
import type { PeerLine } from './peer-line.ts';
import type { OwnPlace } from './shared-records.ts';
import { uploadsAt, type UploadsOfRuns } from './uploads-door.ts';

export type UploadsSharing = {
  readonly places: Pick<SandboxRecordPlaces, 'get' | 'keep' | 'set' | 'clear'>;
  readonly line: PeerLine;
  readonly own: OwnPlace;
};

export class SharedUploads implements UploadsOfRuns {
  readonly #here: UploadsOfRuns;
  readonly #epoch = randomUUID();
  /** Undefined where there is one process. */
  #sharing: UploadsSharing | undefined;

  constructor(here: UploadsOfRuns) {
    this.#here = here;
  }

  /** From here on other processes may have the uploads of a run. */
  share(sharing: UploadsSharing): void {
    this.#sharing = sharing;
  }

  async open(run: Digest, holder: string, block: number): Promise<SignedOpening> {
    const sharing = this.#sharing;
    if (sharing === undefined) return this.#here.open(run, holder, block);
    const { places, line } = sharing;
    const own: RecordPlace = { epoch: this.#epoch, ...sharing.own };
    const place = await places.keep(run, own);
    if (place.epoch !== this.#epoch) {
      try {
        return await uploadsAt(place, line).open(run, holder, block);
      } catch (error) {
        if (asRefusal(error).code !== 'OVERLOADED') throw error;
        // It is gone, and the keys with it.
        await places.set(run, own);
      }
    }
    return this.#here.open(run, holder, block);
  }

  async store(...all: Parameters<UploadsOfRuns['store']>): Promise<void> {
    return (await this.#of(all[0])).store(...all);
  }

  async execute(...all: Parameters<UploadsOfRuns['execute']>): Promise<boolean> {
    return (await this.#of(all[0])).execute(...all);
  }

  async answers(...all: Parameters<UploadsOfRuns['answers']>): Promise<Uint8Array> {
    return (await this.#of(all[0])).answers(...all);
  }

  /** A run whose uploads were here has ended. */
  async forget(run: Digest): Promise<void> {
    await this.#sharing?.places.clear(run, this.#epoch);
  }

  async #of(run: Digest): Promise<UploadsOfRuns> {
    const place = await this.#sharing?.places.get(run);
    const elsewhere = place !== undefined && place.epoch !== this.#epoch;
    return this.#sharing === undefined || !elsewhere
      ? this.#here
      : uploadsAt(place, this.#sharing.line);
  }
}
