/**
 * Images that run here: verified as a holder verifies them (image/verify.ts), metered, and tried behind the walls of
 * this machine before anybody sends a row.
 * @module
 */
import { fileURLToPath } from 'node:url';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { ImageContent } from '../cohort/plan.ts';
import { ImageProcess, type Program } from '../engine/images/image-process.ts';
import { placeEvidence } from '../engine/images/place-evidence.ts';
import type { PlaceEvidence } from '../flows/sandboxed-run.ts';
import { agreedImages, type Study } from '../flows/study-terms.ts';
import { readArchive } from '../image/archive.ts';
import { verifyImage } from '../image/verify.ts';
import { meterModule } from '../image/wasm/meter.ts';
import type { SandboxImages } from './images.ts';

const RUNNER = fileURLToPath(new URL('image-runner.js', import.meta.url));

type Ready = { readonly module: Uint8Array; readonly evidence: PlaceEvidence };

type Named = { readonly study: Digest; readonly image: Digest };

const MOST_KEPT = 16;

export class ReadyImages {
  readonly #images: SandboxImages;
  readonly #runner: string;
  readonly #ready = new Map<string, Promise<Ready>>();

  constructor(images: SandboxImages, runner: string = RUNNER) {
    this.#images = images;
    this.#runner = runner;
  }

  /** Again from the start where it was refused before. */
  async ready(study: Study, content: ImageContent): Promise<Ready> {
    const key = keyOf({ study: study.id, image: content.image });
    let found = this.#ready.get(key);
    if (found === undefined) {
      found = this.#load(study, content);
      this.#ready.set(key, found);
      found.catch(() => this.#ready.delete(key));
      for (const old of [...this.#ready.keys()].slice(0, -MOST_KEPT)) this.#ready.delete(old);
    }
    return found;
  }

  /** Of an upload that was opened; PLACE_UNAVAILABLE where that is long ago. */
  async program(named: Named, content: ImageContent): Promise<Program> {
    const ready = await this.#ready.get(keyOf(named));
    check(ready !== undefined, 'PLACE_UNAVAILABLE', named.image);
    return this.#program(ready.module, content);
  }

  #program(module: Uint8Array, { fuel, fields, boundary }: ImageContent): Program {
    return { module, fuel, fields: fields.length, boundary, runner: this.#runner };
  }

  async #load(study: Study, content: ImageContent): Promise<Ready> {
    const agreed = agreedImages(study).find(({ digest }) => digest === content.image);
    check(agreed !== undefined, 'IMAGE_MISSING', content.image);
    const archive = await this.#images.fetch(study, content.image);
    const module = meterModule(verifyImage(readArchive(archive), agreed, study.id).module);
    const program = this.#program(module, content);
    const started = await ImageProcess.start(program);
    started.kill();
    return { module, evidence: await placeEvidence(program) };
  }
}

const keyOf = ({ study, image }: Named): string => `${study}/${image}`;
