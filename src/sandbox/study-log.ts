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
import { type EntryOf, type LogEntry, minuteOf } from '../audit/entry.ts';
import { inclusionPath } from '../audit/inclusion.ts';
import { fromUtf8, toHex } from '../base/bytes.ts';
import { type Json, parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import type { SandboxLog, StoredCheckpoint } from '../engine/stores/sandbox-log.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { Statements } from '../engine/stores/store.ts';
import { type Frame, SANDBOX } from '../flows/frame.ts';
import type { Clock, Entered, StudyRecord } from '../flows/ports.ts';
import type { SignedStudy } from '../flows/study-terms.ts';
import { deliver } from './deliver.ts';
import { entryOfFrame } from './frame-entry.ts';
import { attestedIn } from './statements.ts';
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
    const entry = { type: 'study', at: this.#at(), signatures: givenIn(signatures) } as const;
    await this.#append(tx, id, 'study', entry);
  }

  /** A version behind the present one, or what narrows it until everybody has signed. */
  async amendment(
    tx: Statements,
    { study, signatures }: Pick<SignedStudy, 'study' | 'signatures'>,
    type: 'amendment' | 'narrowing',
  ): Promise<void> {
    const [from, to] = [study.previous?.agreement ?? study.id, study.agreement];
    await this.#append(tx, study.id, `${type}/${to}`, {
      type,
      at: this.#at(),
      from,
      to,
      signatures: givenIn(signatures),
    });
  }

  /** A query answered by an earlier release. */
  async answer(tx: Statements, study: Digest, run: Digest, from: Digest): Promise<void> {
    await this.#append(tx, study, `answer/${run}`, { type: 'answer', at: this.#at(), run, from });
  }

  /** The ciphertexts of a run were deleted; `said` is what holders stated about their keys until then. */
  async erasure(tx: Statements, study: Digest, run: Digest, said: readonly Frame[]): Promise<void> {
    await this.#erased(tx, { study, run }, `erasure/${run}`, said.map(attestedIn));
  }

  /** What a holder states after that. */
  async statement(tx: Statements, said: Frame): Promise<void> {
    await this.#erased(tx, said, `erasure/${said.run}/${said.from}`, [attestedIn(said)]);
  }

  async #erased(
    tx: Statements,
    { study, run }: Pick<Frame, 'study' | 'run'>,
    name: string,
    statements: EntryOf<'erasure'>['statements'],
  ): Promise<void> {
    await this.#append(tx, study, name, { type: 'erasure', at: this.#at(), run, statements });
  }

  /** The operator signed that the keys of a run's uploads are destroyed. */
  async uploadsErased(tx: Statements, study: Digest, run: Digest, digest: Digest): Promise<void> {
    await this.#erased(tx, { study, run }, `uploads/${run}`, [{ holder: SANDBOX, digest }]);
  }

  /** Enters what of a frame belongs in the log. */
  async frame(tx: Statements, frame: Frame): Promise<void> {
    const entry = entryOfFrame(frame, this.#at());
    if (entry === undefined) return;
    await this.#append(tx, frame.study, `${entry.type}/${frame.run}/${frame.from}`, entry);
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

  /** What holders stated about the keys of ended runs, `limit` of them behind the first `from`. */
  async statements(study: Digest, from: number, limit: number): Promise<Json[]> {
    const said = await this.#options.frames.erasuresIn(study, from, limit);
    return said.map(({ body }) => parseStrict(fromUtf8(body)));
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

/** Enough for a holder that missed some and few enough for one frame. */
const MOST_PROOFS = 16;

const givenIn = (signatures: SignedStudy['signatures']): EntryOf<'study'>['signatures'] =>
  signatures.map(({ holder, key, signature }) => ({ holder, key, signature }));

const isStop = ({ entry }: { readonly entry: unknown }): boolean =>
  (entry as { readonly type: string }).type === 'stop';
