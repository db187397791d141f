/**
 * The holder as a witness of the log of its studies: it co-signs a checkpoint when the log extends
 * the last one that it co-signed, and has in it what this holder attested.
 *
 * Adversary   a sandbox that forks the log. It gets this holder's signature on one side only, so no
 *             receipt on the other has a signature of every holder.
 * Given       the checkpoint is durable here before its signature leaves. A holder set back to an
 *             earlier state could sign a second log: recovery (DESIGN 9) comes before it answers.
 * @module
 */
import { checkAnnouncement, type Announced, readAnnouncement } from '../audit/announcement.ts';
import { type Checkpoint, cosign, writeNote } from '../audit/checkpoint.ts';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { parseStrict } from '../base/canonical-json.ts';
import { asRefusal, check, type ErrorCode } from '../base/errors.ts';
import type { SigningKey } from '../base/sign.ts';
import { attestationDigest, type SignedAttestation } from '../audit/receipt.ts';
import type { HolderCheckpoints } from '../engine/stores/holder-checkpoints.ts';
import type { HolderFrames } from '../engine/stores/holder-frames.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import { EVERYONE, type Frame, SANDBOX } from '../flows/frame.ts';
import { encodeRefusal } from '../flows/pooled/refusal.ts';
import type { Log, Relay } from '../flows/ports.ts';

export type WitnessOptions = {
  readonly holder: string;
  readonly key: SigningKey;
  readonly frames: HolderFrames;
  readonly checkpoints: HolderCheckpoints;
  readonly log: Log;
};

const FAULTS_OF_THE_LOG: ReadonlySet<ErrorCode> = new Set([
  'LOG_FORKED',
  'PROOF_REJECTED',
  'MALFORMED_MESSAGE',
]);

export class Witness {
  readonly #options: WitnessOptions;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Sends what `cosign` gives, or says aloud, about a run that it knows, that it will not. */
  async answer(frame: Frame, relay: Relay, known: boolean): Promise<void> {
    const { study, run } = frame;
    try {
      const note = await this.cosign(frame);
      await relay.send('cosignature', SANDBOX, () => Promise.resolve(note));
    } catch (error) {
      const refusal = asRefusal(error);
      const { code, detail } = refusal;
      if (!FAULTS_OF_THE_LOG.has(code)) throw error;
      this.#options.log.error({ study, run, code, detail }, 'checkpoint of the audit log refused');
      if (run === study || !known) return;
      await relay.send('refusal', EVERYONE, () => Promise.resolve(encodeRefusal(refusal, true)));
    }
  }

  /**
   * The note with this holder's line for the checkpoint that `frame` announces. Asked again for a
   * run, the same. Refuses with LOG_FORKED or PROOF_REJECTED, signing nothing.
   */
  async cosign(frame: Pick<Frame, 'study' | 'run' | 'body'>): Promise<Uint8Array> {
    const { holder, key, checkpoints } = this.#options;
    const { study, run } = frame;
    const announcement = readAnnouncement(frame.body);
    let checkpoint: Checkpoint | undefined = await checkpoints.of(study, run);
    if (checkpoint === undefined) {
      const announced = checkAnnouncement(announcement, study, await checkpoints.last(study));
      await this.#checkEntry(frame, announced);
      checkpoint = announced.checkpoint;
      await checkpoints.keep(checkpoint, run);
      stepDone(run, 'checkpoint');
    }
    const { size, root } = checkpoint;
    const same = size === announcement.size && root === announcement.root;
    check(same, 'LOG_FORKED', 'another checkpoint for this run');
    return utf8(writeNote({ checkpoint, cosignatures: [cosign(checkpoint, holder, key)] }));
  }

  /** A release is co-signed as this holder attested it; about a study itself any entry will do. */
  async #checkEntry(
    { study, run }: Pick<Frame, 'study' | 'run'>,
    { entry }: Announced,
  ): Promise<void> {
    const { frames, holder } = this.#options;
    if (run === study) return;
    const sent = await frames.sentBody(run, SANDBOX, 'receipt');
    check(sent !== undefined, 'PROOF_REJECTED', 'checkpoint of a run without our attestation');
    const own = attestationDigest(parseStrict(fromUtf8(sent)) as unknown as SignedAttestation);
    const logged =
      entry.type === 'release' &&
      'attestations' in entry &&
      entry.run === run &&
      entry.attestations.some((one) => one.holder === holder && one.digest === own);
    check(logged, 'PROOF_REJECTED', 'the log has another attestation of ours');
  }
}
