/**
 * Deletes the ciphertexts of runs that have ended, once they were kept for the retention period: bodies of
 * contributions, shares and sealed frames, and the blobs that were computed from them.
 *
 *     run ends → kept for `retentionDays` → blobs → { frames, entry `erasure` in the log } → files
 *
 * Kept       releases, receipts, the log, Idempotency-Keys, and every frame's number, digest and signature.
 * Order      blobs are found by the frames, so they go first; frames and the entry of the log are one
 *            transaction. Killed at any point it begins again and ends the same.
 * Waits      for a holder that has not fetched such a frame yet: its run is erased once it has.
 * Not said   that nobody kept a copy: backups, archives of PostgreSQL and other holders may have one. The
 *            entry is the sandbox's word (rulings 38); statements of holders in it are theirs, about their keys.
 * @module
 */
import { decodeCbor } from '../base/codec.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import type { SandboxColumnTables } from '../engine/stores/sandbox-columns.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import type { EndedRun, SandboxErasures } from '../engine/stores/sandbox-erasures.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import { decodeKept } from '../flows/frame.ts';
import type { Clock, ErasableBlobs, Log } from '../flows/ports.ts';
import type { StudyLog } from './study-log.ts';
import { type SweepOptions, sweepAfterRuns } from './sweep-after-runs.ts';

/** Unless the configuration says otherwise: long enough to look into a run that went wrong. */
export const RETENTION_DAYS = 7;

const DAY_MS = 86_400_000;

export type ErasuresOptions = SweepOptions & {
  readonly store: Pick<SandboxStore, 'immediate' | 'scrub'>;
  readonly erasures: SandboxErasures;
  readonly frames: Pick<SandboxFrames, 'ofKinds'>;
  /** Of jobs, by the beginning of their keys. */
  readonly results: Pick<SandboxColumnTables, 'results' | 'forgetResults'>;
  readonly blobs: ErasableBlobs;
  readonly record: Pick<StudyLog, 'erasure'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'error'>;
  /** 0 deletes as soon as a run has ended. */
  readonly retentionDays: number;
};

export class Erasures {
  readonly #options: ErasuresOptions;
  #sweeping: Promise<void> = Promise.resolve();
  /** A process that was killed may have left what it deleted in the files. */
  #scrub = true;

  constructor(options: ErasuresOptions) {
    this.#options = options;
  }

  /** From now on, until the service closes. */
  start(): void {
    this.#sweeping = sweepAfterRuns(this.#options, 'ended runs could not be erased', () =>
      this.sweep(),
    );
  }

  async close(): Promise<void> {
    await this.#sweeping;
  }

  /** Erases every run that is due. */
  async sweep(): Promise<void> {
    const { erasures, clock, retentionDays, closing, store } = this.#options;
    const now = clock.now();
    await erasures.noteEnds(now);
    for (const run of await erasures.due(new Date(now.getTime() - retentionDays * DAY_MS))) {
      if (closing.aborted) return;
      await this.#erase(run);
    }
    if (!this.#scrub) return;
    await store.scrub();
    this.#scrub = false;
  }

  async #erase({ id, study }: EndedRun): Promise<void> {
    const { store, erasures, frames: sent, record, clock, log } = this.#options;
    await this.#eraseBlobs(id);
    stepDone(id, 'erasure/blobs');
    const erased = await store.immediate(async (tx) => {
      const frames = await erasures.erase(tx, id, clock.now());
      const said = await sent.ofKinds(id, ['erasure'], tx);
      // A run that had no ciphertext and no key leaves nothing to speak of.
      if (frames !== undefined && frames + said.length > 0)
        await record.erasure(tx, study, id, said);
      return frames;
    });
    if (erased === undefined || erased === 0) return;
    this.#scrub = true;
    stepDone(id, 'erasure/frames');
    log.info({ run: id, frames: erased }, 'ciphertexts of an ended run deleted');
  }

  async #eraseBlobs(run: Digest): Promise<void> {
    const { erasures, results, blobs } = this.#options;
    const prefix = `${run}/`;
    for (const result of await results.results(prefix)) await blobs.delete(result);
    await results.forgetResults(prefix);
    for (const arrival of await erasures.frames(run)) {
      const bytes = await erasures.bytes(arrival);
      const blob = bytes === undefined ? undefined : blobOf(bytes);
      if (blob !== undefined) await blobs.delete(blob);
    }
  }
}

/**
 * The name of the blob that a frame's ciphertext was put under (flows/pooled/assemble.ts): it is the last
 * element of a contribution and of a share. A run that still needs bytes of the same name puts them again.
 */
function blobOf(bytes: Uint8Array): Digest | undefined {
  try {
    const item = decodeCbor(decodeKept(bytes).frame.body);
    const last: unknown = Array.isArray(item) ? item.at(-1) : undefined;
    return last instanceof Uint8Array ? sha256Hex(last) : undefined;
  } catch {
    // Not of a pooled run, or of nothing that could be read: it was put nowhere.
    return undefined;
  }
}
