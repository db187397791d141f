/**
 * The sandbox as the place of a run (flows/sandboxed-run.ts): takes sealed rows for one run, runs the program of the
 * study over them, gives sealed answers to the holder that they are for.
 *
 * Keys       of an upload: in the memory of this process, from its opening to the end of the program, and nowhere else.
 * At rest    chunks as they came, sealed, below `uploads/`; deleted with the key.
 * Quota      a run has one upload for each holder and program, of a size that follows from the study and the query; a
 *            holder has MOST_LIVE_BYTES in a study at once. Above that it is told to come again.
 * Not here   who is charged, noise, release: an answer is exact and sealed. How many programs failed is nowhere.
 * Limit      an upload belongs to this process; others on the same database pass on to it (shared-uploads.ts).
 * @module
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { toBase64Url, toHex } from '../base/bytes.ts';
import { asRefusal, check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { SEAL_TAG } from '../base/numbered.ts';
import type { Rng } from '../base/rng.ts';
import { generateSealKeyPair, open } from '../base/seal.ts';
import type { Secret } from '../base/secret.ts';
import type { SigningKey } from '../base/sign.ts';
import type { ImageContent } from '../cohort/plan.ts';
import { CHUNK_BYTES, type UploadSize, uploadSize } from '../cohort/upload-size.ts';
import { writeWhole } from '../engine/blobs/whole-file.ts';
import { sealedAnswers } from '../engine/images/run-upload.ts';
import type { SandboxUploads } from '../engine/stores/sandbox-uploads.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { CompiledRun } from '../flows/pooled/compile-run.ts';
import type { Clock, Log } from '../flows/ports.ts';
import {
  type Opening,
  signOpening,
  type SignedOpening,
  uploadContext,
} from '../flows/sandboxed-run.ts';
import type { Study } from '../flows/study-terms.ts';
import type { ReadyImages } from './ready-images.ts';

export type UploadsOptions = {
  readonly stored: SandboxUploads;
  readonly images: ReadyImages;
  /** `uploads` in the data directory, and its `tmp`. */
  readonly directory: string;
  readonly tmp: string;
  /** Of the operator; without it nothing runs here. */
  readonly key: SigningKey | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly rng: Rng;
  readonly closing: AbortSignal;
};

type Live = {
  readonly opening: Opening;
  readonly content: ImageContent;
  readonly size: UploadSize;
  readonly secret: Secret;
  readonly stored: Set<number>;
  readonly ended: AbortController;
  execution?: Promise<void>;
  /** Sealed. */
  answers?: readonly Uint8Array[];
};

/** Of one holder in one study. */
const MOST_LIVE_BYTES = 2 ** 31;
/** An upload lives so many times the time that its query has, and no less than ten minutes. */
const LIVES = 4;
const SHORTEST_LIFE_MS = 600_000;
const WAIT_MS = 20_000;
const ID_BYTES = 32;

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #live = new Map<Digest, Live>();
  /** Programs run one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** Refuses with PLACE_UNAVAILABLE what does not run here, with the code of what is wrong with an image. */
  async open(
    study: Study,
    { run, plan }: CompiledRun,
    holder: string,
    block: number,
  ): Promise<SignedOpening> {
    const { key, images, stored, clock, rng, directory } = this.#options;
    const content = plan.blocks[block]?.content;
    check(content?.kind === 'image', 'NOT_FOUND', `block ${block}`);
    check(plan.holders.includes(holder), 'FORBIDDEN', 'a holder of another run');
    const ours = key !== undefined && content.operator === key.publicText;
    check(ours, 'PLACE_UNAVAILABLE', 'an image of another place');
    const { evidence } = await images.ready(study, content);
    const size = uploadSize(content, plan, study.cohort.declaredSize[holder] ?? 0);
    // Of an attempt before: whoever asks again has lost it.
    for (const { opening } of this.#of(run, holder)) {
      if (opening.block === block) await this.destroy(opening.upload);
    }
    const before = [...this.#live.values()]
      .filter(({ opening }) => opening.study === study.id && opening.holder === holder)
      .reduce((sum, { opening }) => sum + opening.bytes, 0);
    check(before + size.bytes <= MOST_LIVE_BYTES, 'TOO_MANY_REQUESTS', `${before} bytes are here`);
    const pair = await generateSealKeyPair();
    const upload = toHex(rng(ID_BYTES));
    const life = Math.max(SHORTEST_LIFE_MS, LIVES * plan.deadlineSeconds * 1000);
    const expires = new Date(clock.now().getTime() + life);
    const { bytes, chunks } = size;
    const facts = { study: study.id, run, holder, block, image: content.image };
    const opening: Opening = {
      format: 'kakehashi/upload/1',
      ...facts,
      upload,
      publicKey: toBase64Url(pair.publicKey),
      bytes,
      expires: expires.toISOString(),
      evidence,
    };
    const live = { opening, content, size, secret: pair.privateKey, stored: new Set<number>() };
    this.#live.set(upload, { ...live, ended: new AbortController() });
    // The directory first: what is found in one after a restart has a row, or never was.
    await mkdir(path.join(directory, upload), { recursive: true, mode: 0o700 });
    await stored.add({ upload, ...facts, chunks, bytes, expires });
    stepDone(run, 'upload/opened');
    return signOpening(opening, key);
  }

  /** Keeps a chunk as it is; the same again changes nothing. */
  async store(run: Digest, holder: string, upload: Digest, number: number, sealed: Uint8Array) {
    const { directory, tmp } = this.#options;
    const { size, stored, execution, opening } = this.#own(run, holder, upload);
    check(execution === undefined, 'PROTOCOL_STATE', 'the program has begun');
    check(number < size.chunks, 'MALFORMED_MESSAGE', `chunk ${number}`);
    const left = opening.bytes - number * CHUNK_BYTES;
    const expected = Math.min(left, CHUNK_BYTES) + SEAL_TAG;
    check(sealed.length === expected, 'MALFORMED_MESSAGE', `chunk of ${sealed.length} bytes`);
    if (stored.has(number)) return;
    await writeWhole(path.join(directory, upload, String(number)), sealed, tmp);
    stored.add(number);
    stepDone(run, 'upload/stored');
  }

  /** Whether the answers are there; it takes the first key and runs once. */
  async execute(run: Digest, holder: string, upload: Digest, key: Uint8Array): Promise<boolean> {
    const live = this.#own(run, holder, upload);
    check(live.stored.size === live.size.chunks, 'PROTOCOL_STATE', 'chunks are missing');
    live.execution ??= this.#execute(live, key);
    // Said to whoever asks next, also where nobody waits now.
    live.execution.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), WAIT_MS);
    });
    return Promise.race([live.execution.then(() => true), late]).finally(() => clearTimeout(timer));
  }

  answers(run: Digest, holder: string, upload: Digest, number: number): Uint8Array {
    const { answers } = this.#own(run, holder, upload);
    const part = answers?.[number];
    check(part !== undefined, 'PROTOCOL_STATE', `answers ${number}`);
    return part;
  }

  /** Ids of what has a key or answers here. */
  get live(): readonly Opening[] {
    return [...this.#live.values()].map(({ opening }) => opening);
  }

  /** Ids of what was left by a process before this one: sealed, and nobody has the key. */
  async left(): Promise<Digest[]> {
    const found = await readdir(this.#options.directory).catch(() => []);
    return found.filter((name) => !this.#live.has(name));
  }

  /** Key, chunks and answers. Idempotent, also for what a process before this one left. */
  async destroy(upload: Digest): Promise<void> {
    const live = this.#live.get(upload);
    live?.ended.abort();
    await live?.execution?.catch(() => undefined);
    this.#live.delete(upload);
    await this.#destroyRows(upload, live);
  }

  /** When the service closes: keys are gone with the process, files are not left to the next one. */
  async close(): Promise<void> {
    for (const upload of [...this.#live.keys()]) {
      await this.destroy(upload).catch(() => undefined);
    }
  }

  async #destroyRows(upload: Digest, live: Live | undefined): Promise<void> {
    const { directory, stored, clock } = this.#options;
    live?.secret[Symbol.dispose]();
    const kept = path.join(directory, upload);
    const chunks = (await readdir(kept).catch(() => [])).length;
    await rm(kept, { recursive: true, force: true });
    await stored.destroy(upload, clock.now(), chunks);
    stepDone(live?.opening.run ?? upload, 'upload/destroyed');
  }

  #of(run: Digest, holder: string): Live[] {
    return [...this.#live.values()].filter(
      ({ opening }) => opening.run === run && opening.holder === holder,
    );
  }

  #own(run: Digest, holder: string, upload: Digest): Live {
    const found = this.#of(run, holder).find(({ opening }) => opening.upload === upload);
    check(found !== undefined, 'NOT_FOUND', `upload ${upload}`);
    return found;
  }

  async #execute(live: Live, sealedKey: Uint8Array): Promise<void> {
    const { log, closing } = this.#options;
    const { opening, ended, secret } = live;
    const { run, holder, upload } = opening;
    try {
      using drawn = await open(secret, uploadContext(opening), sealedKey);
      const signal = AbortSignal.any([closing, ended.signal]);
      const turn = this.#last.then(() => this.#answers(live, drawn, signal));
      this.#last = turn.catch(() => undefined);
      live.answers = await turn;
      log.info({ run, holder, upload, evidence: 'software', ...opening.evidence }, 'image ran');
    } catch (cause) {
      const { code, detail } = asRefusal(cause);
      log.warn({ run, holder, upload, code, detail }, 'image did not run');
      throw new Refusal('PLACE_UNAVAILABLE', upload, undefined, { cause });
    } finally {
      // Rows are needed no longer, whatever became of them.
      await this.#destroyRows(upload, live);
    }
  }

  async #answers(live: Live, drawn: Secret, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const { images, directory } = this.#options;
    const { opening, content, size } = live;
    signal.throwIfAborted();
    const program = await images.program(opening, content);
    const rows = path.join(directory, opening.upload);
    return sealedAnswers({ content, size, program, drawn, rows, signal });
  }
}
