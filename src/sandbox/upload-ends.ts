/**
 * Ends uploads: those of a run that has ended, those whose time is over, and what a process that died left behind. When
 * all of a run are destroyed and the run has ended, the operator signs so, and the log of the study has it (rulings 38).
 *
 *     run ends, or upload expires → key, files, row `destroyed` → { statement, entry `erasure` in the log }
 *
 * Not before the run has ended: a key is destroyed as soon as a program has run, and when that was depends on rows.
 * Killed at any point it begins again and ends the same.
 * @module
 */
import { erasureDigest, signErasure } from '../audit/erasure.ts';
import type { Digest } from '../base/hash.ts';
import type { SigningKey } from '../base/sign.ts';
import { CHUNK_BYTES } from '../cohort/upload-size.ts';
import { isFinal, type SandboxRuns } from '../engine/stores/sandbox-runs.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import type { SandboxUploads } from '../engine/stores/sandbox-uploads.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import { SANDBOX } from '../flows/frame.ts';
import type { Clock, Log } from '../flows/ports.ts';
import type { StudyLog } from './study-log.ts';
import { type SweepOptions, sweepAfterRuns } from './sweep-after-runs.ts';
import type { Uploads } from './uploads.ts';

export type UploadEndsOptions = SweepOptions & {
  readonly store: Pick<SandboxStore, 'immediate'>;
  readonly stored: SandboxUploads;
  readonly uploads: Uploads;
  readonly runs: Pick<SandboxRuns, 'get'>;
  readonly record: Pick<StudyLog, 'uploadsErased'>;
  /** Other processes ask this one no more about uploads of a run that has ended. */
  readonly forget: (run: Digest) => Promise<void>;
  readonly key: SigningKey | undefined;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'error'>;
};

export class UploadEnds {
  readonly #options: UploadEndsOptions;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: UploadEndsOptions) {
    this.#options = options;
  }

  /** From now on, until the service closes. */
  start(): void {
    this.#sweeping = sweepAfterRuns(this.#options, 'uploads could not be ended', () =>
      this.sweep(),
    );
  }

  async close(): Promise<void> {
    await this.#sweeping;
  }

  async sweep(): Promise<void> {
    const { uploads, stored, clock, closing } = this.#options;
    const now = clock.now();
    for (const upload of await uploads.left()) await uploads.destroy(upload);
    for (const { upload, run, expires } of uploads.live) {
      const ended = await this.#hasEnded(run);
      if (ended) await this.#options.forget(run);
      if (ended || new Date(expires) <= now) await uploads.destroy(upload);
    }
    for (const upload of await stored.expired(now)) await uploads.destroy(upload);
    for (const ended of await stored.ended()) {
      if (closing.aborted) return;
      await this.#state(ended.study, ended.run);
    }
  }

  async #hasEnded(run: Digest): Promise<boolean> {
    const found = await this.#options.runs.get(run);
    return found === undefined || isFinal(found.state);
  }

  async #state(study: Digest, run: Digest): Promise<void> {
    const { key, stored, store, record, clock, log } = this.#options;
    if (key === undefined) return;
    const all = await stored.of({ run });
    const names = all.map(({ holder, block }) => `upload/${holder}/${block}`);
    const signed = signErasure(
      {
        study,
        holder: SANDBOX,
        of: { kind: 'sandboxed-run', id: run },
        keys: [...new Set(names)].sort(),
        sandbox: {
          ciphertexts: all.reduce((sum, { chunks }) => sum + chunks, 0),
          bytes: all.reduce(
            (sum, { chunks, bytes }) => sum + Math.min(bytes, chunks * CHUNK_BYTES),
            0,
          ),
        },
        at: clock.now(),
      },
      key,
    );
    const entered = await store.immediate(async (tx) => {
      if (!(await stored.state(tx, study, run, signed))) return false;
      await record.uploadsErased(tx, study, run, erasureDigest(signed));
      return true;
    });
    if (!entered) return;
    stepDone(run, 'upload/statement');
    log.info({ run, uploads: all.length }, 'keys of a sandboxed run destroyed');
  }
}
