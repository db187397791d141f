/**
 * The images of a holder's studies: fetched from the sandbox by digest, verified here against what the
 * stewards signed, metered, run over tables behind the walls that the study names.
 *
 * Evidence  of a run is labelled `software` and goes to this holder's log: image, metered module and runner
 *           by digest, boundary and filter, limits, and a salted commitment to all tables. No row, answer or number of failures is in it, for none is kept.
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { check } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import { imagesOf } from '../../cohort/blocks.ts';
import type { ImageContent, Plan } from '../../cohort/plan.ts';
import type { Images, ImageTable } from '../../flows/image-ports.ts';
import type { Log } from '../../flows/ports.ts';
import { agreedImages, type Study } from '../../flows/study-terms.ts';
import { readArchive } from '../../image/archive.ts';
import { verifyImage } from '../../image/verify.ts';
import { meterModule } from '../../image/wasm/meter.ts';
import { ImageProcess, type Program } from './image-process.ts';
import { runImage } from './image-runs.ts';
import { seccompFilter } from './seccomp.ts';

export type HolderImagesOptions = {
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
};

/** Where an archive comes from; nothing of it is believed. */
export type ImageSource = { fetch(study: Digest, image: Digest): Promise<Uint8Array> };

const MOST_LOADED = 16;

type Tables = Parameters<Images['answers']>[2];

/** The same tables, each put into the hash in their order, before it is wiped. */
async function* hashed(tables: Tables, hash: Hash): AsyncGenerator<ImageTable, undefined> {
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

  constructor(options: HolderImagesOptions) {
    this.#options = options;
  }

  /** The sandbox, once this holder has a connection. */
  connect(source: ImageSource): void {
    this.#source = source;
  }

  async prepare(plan: Pick<Plan, 'study' | 'blocks' | 'inside'>): Promise<void> {
    for (const content of imagesOf(plan)) {
      const module = await this.#module(plan.study, content.image);
      // Walls that this machine cannot put up are a refusal now, and would be a fault later.
      const started = await ImageProcess.start(this.#program(content, module));
      started.kill();
    }
  }

  async answers(
    study: Digest,
    content: ImageContent,
    tables: Tables,
    answer: Parameters<Images['answers']>[3],
    signal: AbortSignal,
  ): Promise<void> {
    const { runner, processes, log, commit } = this.#options;
    const { image, boundary, fuel, memory, fields } = content;
    const module = await this.#module(study, image);
    const program = this.#program(content, module);
    const seen = createHash('sha256');
    const input = hashed(tables, seen);
    await runImage(input, answer, { program, fields, processes, signal });
    log.info(
      {
        evidence: 'software',
        image,
        metered: sha256Hex(module),
        runner: sha256Hex(new Uint8Array(await readFile(runner))),
        input: commit(new Uint8Array(seen.digest())),
        boundary,
        seccomp: boundary === 'bubblewrap' && seccompFilter() !== undefined,
        fuel,
        memory,
      },
      'image ran',
    );
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
