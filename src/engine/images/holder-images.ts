/**
 * The images of a holder's studies: fetched from the sandbox by digest, verified here against what the
 * stewards signed, metered, run over tables behind the walls that the study names; or, where the study says so,
 * run in the sandbox over what is uploaded to it (sandboxed-upload.ts).
 *
 * Evidence  of a run is labelled `software` and goes to this holder's log: image, metered module and runner
 *           by digest, boundary and filter, limits, and a salted commitment to all tables. No row, answer or number of failures is in it, for none is kept.
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import type { ImageEvidence } from '../../audit/image-evidence.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import { transcriptBytes } from '../../base/transcript.ts';
import { imageBlocks, imagesOf, placeOf } from '../../cohort/blocks.ts';
import type { ImageContent, Plan } from '../../cohort/plan.ts';
import type {
  Answered,
  EvidenceOf,
  ImageCall,
  Images,
  ImageTable,
  ImageTables,
  SandboxPlace,
  Upload,
} from '../../flows/image-ports.ts';
import type { Log } from '../../flows/ports.ts';
import type { Opening } from '../../flows/sandboxed-run.ts';
import { agreedImages, type Study } from '../../flows/study-terms.ts';
import { readArchive } from '../../image/archive.ts';
import { verifyImage } from '../../image/verify.ts';
import { meterModule } from '../../image/wasm/meter.ts';
import { ImageProcess, type Program } from './image-process.ts';
import { runImage } from './image-runs.ts';
import { placeEvidence } from './place-evidence.ts';
import { openUpload, SandboxedUpload, type SandboxedUploadOptions } from './sandboxed-upload.ts';

export type HolderImagesOptions = {
  /** Name of this holder. */
  readonly holder: string;
  readonly studyOf: (study: Digest) => Promise<Study>;
  /** Path of dist/image-runner.js. */
  readonly runner: string;
  /** Processes of one image at the same time. */
  readonly processes: number;
  /** Keys whose signatures on images this holder does not take any more. */
  readonly revoked: readonly PublicKeyText[];
  /** A salted commitment to a digest: HMAC under a key of this holder (rulings 22). */
  readonly commit: (digest: Uint8Array) => Digest;
  readonly log: Log;
  /** Of the data directory, for what waits to be uploaded, sealed. */
  readonly tmp: string;
  readonly rng: Rng;
};

/** Where an archive comes from; nothing of it is believed. */
export type ImageSource = { fetch(study: Digest, image: Digest): Promise<Uint8Array> };

const MOST_LOADED = 16;
/** The sandbox verifies the image and puts up its walls. */
const OPEN_MS = 60_000;
const MOST_OPENINGS = 256;

const openingKey = ({ run, block }: ImageCall): string => `${run ?? ''}/${block}`;

/** The same tables, each put into the hash in their order, before it is wiped. */
async function* hashed(tables: ImageTables, hash: Hash): AsyncGenerator<ImageTable, undefined> {
  for (;;) {
    const next = await tables.next();
    if (next.done === true) return undefined;
    hash.update(next.value.table);
    yield next.value;
  }
}

export class HolderImages implements Images {
  readonly #options: HolderImagesOptions;
  readonly #loaded = new Map<string, Promise<Uint8Array>>();
  #source: ImageSource | undefined;
  #place: SandboxPlace | undefined;
  /** By run and block: each is used once. */
  readonly #openings = new Map<string, Opening>();

  constructor(options: HolderImagesOptions) {
    this.#options = options;
  }

  /** The sandbox, once this holder has a connection. */
  connect(source: ImageSource, place: SandboxPlace): void {
    this.#source = source;
    this.#place = place;
  }

  async prepare(plan: Plan, run: Digest): Promise<void> {
    for (const { image } of imagesOf(plan)) await this.#module(plan.study, image);
    for (const { block, content } of imageBlocks(plan)) {
      // Also asks whether the sandbox runs it at all, while a refusal is free.
      if (content.operator !== undefined) await this.#opening({ plan, run, block, content });
    }
    for (const content of imagesOf(plan)) {
      if (content.operator !== undefined) continue;
      const module = await this.#module(plan.study, content.image);
      // Walls that this machine cannot put up are a refusal now, and would be a fault later.
      const started = await ImageProcess.start(this.#program(content, module));
      started.kill();
    }
  }

  async answers(
    { plan, content }: Pick<ImageCall, 'plan' | 'content'>,
    tables: ImageTables,
    answer: Answered,
    signal: AbortSignal,
  ): Promise<void> {
    const { processes, log, commit } = this.#options;
    const { image, fuel, memory, fields } = content;
    const module = await this.#module(plan.study, image);
    const program = this.#program(content, module);
    const seen = createHash('sha256');
    const input = hashed(tables, seen);
    await runImage(input, answer, { program, fields, processes, signal });
    log.info(
      {
        evidence: 'software',
        image,
        ...(await placeEvidence(program)),
        input: commit(new Uint8Array(seen.digest())),
        fuel,
        memory,
      },
      'image ran',
    );
  }

  async evidence({ plan, run, planDigest, epoch }: EvidenceOf): Promise<readonly ImageEvidence[]> {
    const { commit } = this.#options;
    const all: ImageEvidence[] = [];
    for (const { block, content } of imageBlocks(plan)) {
      const { image, boundary, memory, fuel, operator } = content;
      const { metered, runner, seccomp } =
        operator === undefined
          ? await placeEvidence(this.#program(content, await this.#module(plan.study, image)))
          : (await this.#opening({ plan, run, block, content })).evidence;
      const input = transcriptBytes('kakehashi/image-input/1', [epoch, planDigest, block]);
      all.push({
        ...{ evidence: 'software', block, image, place: placeOf(content), metered },
        ...{ runner, boundary, seccomp, memory, fuel, input: commit(input) },
      });
    }
    return all;
  }

  /** Of an upload that waits to be used, or a new one. */
  async #opening(call: ImageCall): Promise<Opening> {
    const key = openingKey(call);
    const known = this.#openings.get(key);
    if (known !== undefined) return known;
    const options = await this.#sandboxed(call.plan.study);
    const opening = await openUpload(call, options, AbortSignal.timeout(OPEN_MS));
    this.#openings.set(key, opening);
    const oldest = [...this.#openings.keys()].slice(0, -MOST_OPENINGS);
    for (const old of oldest) this.#openings.delete(old);
    return opening;
  }

  async upload(call: ImageCall): Promise<Upload> {
    const key = openingKey(call);
    const opened = this.#openings.get(key);
    this.#openings.delete(key);
    return new SandboxedUpload(call, { ...(await this.#sandboxed(call.plan.study)), opened });
  }

  async #sandboxed(study: Digest): Promise<SandboxedUploadOptions> {
    const { holder, tmp, rng, studyOf } = this.#options;
    check(this.#place !== undefined, 'PLACE_UNAVAILABLE', 'no sandbox');
    const { cohort } = await studyOf(study);
    return { holder, people: cohort.declaredSize[holder] ?? 0, place: this.#place, tmp, rng };
  }

  #program({ fuel, fields, boundary }: ImageContent, module: Uint8Array): Program {
    return { module, fuel, fields: fields.length, boundary, runner: this.#options.runner };
  }

  /** Metered and verified; again from the start where it was refused before. */
  async #module(study: Digest, image: Digest): Promise<Uint8Array> {
    const key = `${study}/${image}`;
    let loading = this.#loaded.get(key);
    if (loading === undefined) {
      loading = this.#load(study, image);
      this.#loaded.set(key, loading);
      loading.catch(() => this.#loaded.delete(key));
      const oldest = [...this.#loaded.keys()].slice(0, -MOST_LOADED);
      for (const old of oldest) this.#loaded.delete(old);
    }
    return loading;
  }

  async #load(id: Digest, image: Digest): Promise<Uint8Array> {
    const study = await this.#options.studyOf(id);
    const agreed = agreedImages(study).find(({ digest }) => digest === image);
    check(agreed !== undefined, 'IMAGE_MISSING', 'not an image of the study');
    check(this.#source !== undefined, 'IMAGE_MISSING', 'no sandbox');
    const archive = await this.#source.fetch(id, image);
    const revoked = new Set(this.#options.revoked);
    return meterModule(verifyImage(readArchive(archive), agreed, id, revoked).module);
  }
}
