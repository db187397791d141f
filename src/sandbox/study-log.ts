/**
 * The joint log of every study (audit/): what the sandbox enters, and how it has a checkpoint
 * co-signed.
 *
 * Reveals    to the parties of a study and its auditors what they could see already: who agreed,
 *            reserved, refused, stopped, and the digests of what was released. To the holder of one
 *            proof: how long the log is. A log belongs to one study; nothing joins two of them.
 * Adversary  the sandbox itself, which writes it. It cannot have two logs co-signed by an honest
 *            holder; it can leave out what nobody else insists on, and it can stop serving. What a
 *            receipt carries it cannot take back.
 * @module
 */
import { type Announcement, encodeAnnouncement } from '../audit/announcement.ts';
import { type Checkpoint, type Cosignature, readNote, writeNote } from '../audit/checkpoint.ts';
import { consistencyPath } from '../audit/consistency.ts';
import { type EntryOf, type LogEntry, minuteOf, readEntry } from '../audit/entry.ts';
import { inclusionPath } from '../audit/inclusion.ts';
import { fromUtf8, toHex } from '../base/bytes.ts';
import type { Json } from '../base/canonical-json.ts';
import { asRefusal, check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import type { SandboxLog, StoredCheckpoint } from '../engine/stores/sandbox-log.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { Statements } from '../engine/stores/store.ts';
import { type Frame, frameDigest, type FrameKind, SANDBOX } from '../flows/frame.ts';
import { decodeRefusal } from '../flows/pooled/refusal.ts';
import { readReservation } from '../flows/pooled/reservation.ts';
import type { Clock, Entered, StudyRecord } from '../flows/ports.ts';
import { readRecovered } from '../flows/recovery.ts';
import type { SignedStudy } from '../flows/study-terms.ts';
import { deliver } from './deliver.ts';
import type { Wakeups } from './wakeups.ts';

export type StudyLogOptions = {
  readonly store: SandboxStore;
  readonly log: SandboxLog;
  readonly frames: SandboxFrames;
  readonly clock: Clock;
  readonly wakeups: Wakeups;
  /** The holders of a study, by name. */
  readonly holdersOf: (study: Digest, on?: Statements) => Promise<readonly string[]>;
};

export class StudyLog implements StudyRecord {
  readonly #options: StudyLogOptions;

  constructor(options: StudyLogOptions) {
    this.#options = options;
  }

  /** A study, with the signatures under which it was taken in. */
  async study(
    tx: Statements,
    id: Digest,
    { signatures }: Pick<SignedStudy, 'signatures'>,
  ): Promise<void> {
    const given = signatures.map(({ holder, key, signature }) => ({ holder, key, signature }));
    await this.#append(tx, id, 'study', { type: 'study', at: this.#at(), signatures: given });
  }

  /** A query answered by an earlier release. */
  async answer(tx: Statements, study: Digest, run: Digest, from: Digest): Promise<void> {
    await this.#append(tx, study, `answer/${run}`, { type: 'answer', at: this.#at(), run, from });
  }

  /** The ciphertexts of a run were deleted because its retention period had passed. */
  async erasure(tx: Statements, study: Digest, run: Digest): Promise<void> {
    const entry: EntryOf<'erasure'> = { type: 'erasure', at: this.#at(), run, statements: [] };
    await this.#append(tx, study, `erasure/${run}`, entry);
  }

  /** The operator signed that the keys of a run's uploads are destroyed. */
  async uploadsErased(tx: Statements, study: Digest, run: Digest, digest: Digest): Promise<void> {
    const statements = [{ holder: SANDBOX, digest }];
    const entry: EntryOf<'erasure'> = { type: 'erasure', at: this.#at(), run, statements };
    await this.#append(tx, study, `uploads/${run}`, entry);
  }

  /** Enters what of a frame belongs in the log. */
  async frame(tx: Statements, frame: Frame): Promise<void> {
    const entry = this.#readable(frame);
    if (entry === undefined) return;
    await this.#append(tx, frame.study, `${entry.type}/${frame.run}/${frame.from}`, entry);
  }

  /** A body that nobody can read is no reservation: it ends its run and is not entered. */
  #readable(frame: Frame): LogEntry | undefined {
    try {
      const entry = this.#entryOf(frame);
      if (entry !== undefined) readEntry(entry);
      return entry;
    } catch (error) {
      if (asRefusal(error).code === 'MALFORMED_MESSAGE') return undefined;
      throw error;
    }
  }

  #entryOf(frame: Frame): LogEntry | undefined {
    const { kind, body, from: holder, run, study } = frame;
    if (!RECORDED.includes(kind)) return undefined;
    const known = { at: this.#at(), holder, frame: frameDigest(frame) };
    if (kind === 'recovered') {
      const { head, keyEpoch } = readRecovered(frame);
      return { type: 'restore', at: this.#at(), holder, head, keyEpoch };
    }
    if (kind === 'accepted') return { type: 'acceptance', ...known };
    if (kind === 'reservation') {
      const { run: _run, account: _account, ...booked } = readReservation(body);
      return { type: 'reservation', ...known, run, ...booked };
    }
    const { code, touched } = decodeRefusal(body, holder);
    if (run === study && code === 'STUDY_STOPPED') return { type: 'stop', ...known };
    return { type: 'refusal', ...known, run, code, touched };
  }

  /** After a stop nothing is released that would carry the log: its holders co-sign it as it is. */
  async close(study: Digest): Promise<void> {
    const { log, store } = this.#options;
    if ((await log.checkpoint(study, study)) !== undefined) return;
    const entries = await log.entries(study, 0, (await log.tree(study)).size);
    const stop = entries.findLast(isStop);
    if (stop !== undefined) {
      await store.immediate((tx) => this.#announce(tx, study, study, stop.index));
    }
    await this.#wake(study);
  }

  async release(study: Digest, run: Digest, entry: EntryOf<'release'>): Promise<Entered> {
    const { store, log } = this.#options;
    const index = await store.immediate((tx) => this.#append(tx, study, `release/${run}`, entry));
    stepDone(run, 'log/release');
    // Apart from the append: the tree takes committed entries only.
    const checkpoint = await store.immediate((tx) => this.#announce(tx, study, run, index));
    stepDone(run, 'log/checkpoint');
    await this.#wake(study);
    const [stored] = await log.entries(study, index, index + 1);
    check(stored !== undefined, 'DATA_DIRECTORY_DAMAGED', `entry ${index} of ${study}`);
    const path = inclusionPath(await log.tree(study), index, checkpoint.size).map(toHex);
    const { size, root } = checkpoint;
    return { ...stored, path, checkpoint: { study, size, root } };
  }

  async state(study: Digest): Promise<Checkpoint> {
    const tree = await this.#options.log.tree(study);
    return { study, size: tree.size, root: toHex(tree.root()) };
  }

  async entries(study: Digest, from: number, to: number): Promise<{ entry: Json; salt: string }[]> {
    const stored = await this.#options.log.entries(study, from, to);
    return stored.map(({ entry, salt }) => ({ entry, salt }));
  }

  /** Refuses with INVALID_PARAMETER what the log does not have. */
  async inclusion(study: Digest, index: number, size: number): Promise<Digest[]> {
    return inclusionPath(await this.#options.log.tree(study), index, size).map(toHex);
  }

  async consistency(study: Digest, first: number, second: number): Promise<Digest[]> {
    return consistencyPath(await this.#options.log.tree(study), first, second).map(toHex);
  }

  /** Every checkpoint that every holder co-signed, by size. */
  async allCosigned(study: Digest): Promise<string[]> {
    const all = await this.#options.log.checkpoints(study);
    const notes = await Promise.all(all.map((checkpoint) => this.#noteOf(checkpoint)));
    return [...new Set(notes.filter((note) => note !== undefined))];
  }

  /** The newest checkpoint that every holder co-signed, as a note. */
  async cosigned(study: Digest): Promise<string | undefined> {
    const { log } = this.#options;
    for (const checkpoint of (await log.checkpoints(study)).reverse()) {
      const note = await this.#noteOf(checkpoint);
      if (note !== undefined) return note;
    }
    return undefined;
  }

  async #noteOf({ study, run, size, root }: StoredCheckpoint): Promise<string | undefined> {
    const { frames, holdersOf } = this.#options;
    const cosignatures: Cosignature[] = [];
    for (const holder of await holdersOf(study)) {
      const body = await frames.body(run, 'cosignature', holder);
      if (body === undefined) return undefined;
      const line = readNote(fromUtf8(body)).cosignatures.find((one) => one.holder === holder);
      if (line === undefined) return undefined;
      cosignatures.push(line);
    }
    return writeNote({ checkpoint: { study, size, root }, cosignatures });
  }

  /** Asks the holders to co-sign the whole log, once for each run; in the order of sizes. */
  async #announce(tx: Statements, study: Digest, run: Digest, index: number): Promise<Checkpoint> {
    const { log, frames, holdersOf } = this.#options;
    const standing = await log.checkpoint(study, run, tx);
    if (standing !== undefined) return standing;
    const tree = await log.tree(study, tx);
    const [size, root] = [tree.size, toHex(tree.root())];
    // A holder signs every checkpoint in the order of its inbox, so that its last is one of these.
    const sizes = new Set((await log.checkpoints(study, tx)).map((earlier) => earlier.size));
    const from = [...sizes].slice(-MOST_PROOFS).map((first) => ({
      size: first,
      path: consistencyPath(tree, first, size).map(toHex),
    }));
    const [stored] = await log.entries(study, index, index + 1, tx);
    check(stored !== undefined, 'DATA_DIRECTORY_DAMAGED', `entry ${index} of ${study}`);
    const path = inclusionPath(tree, index, size).map(toHex);
    const announcement: Announcement = { size, root, from, ...stored, path };
    await log.keepCheckpoint(tx, { study, run, size, root, index });
    const body = encodeAnnouncement(announcement);
    const holders = await holdersOf(study, tx);
    await deliver(frames, tx, { study, run, kind: 'checkpoint', body }, holders);
    return { study, size, root };
  }

  #append(tx: Statements, study: Digest, name: string, entry: LogEntry): Promise<number> {
    return this.#options.log.append(tx, study, name, entry);
  }

  #at(): string {
    return minuteOf(this.#options.clock.now());
  }

  async #wake(study: Digest): Promise<void> {
    const { wakeups, holdersOf } = this.#options;
    for (const holder of await holdersOf(study)) wakeups.wake(`inbox/${holder}`);
  }
}

/** What a holder signed that the log records as it comes in. */
const RECORDED: readonly FrameKind[] = ['accepted', 'reservation', 'refusal', 'recovered'];

/** Enough for a holder that missed some and few enough for one frame. */
const MOST_PROOFS = 16;

const isStop = ({ entry }: { readonly entry: unknown }): boolean =>
  (entry as { readonly type: string }).type === 'stop';
