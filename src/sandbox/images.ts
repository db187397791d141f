/**
 * Images at the sandbox: it keeps what a study names until the holders fetch it. It runs nothing, and
 * nobody believes it: every holder verifies what it is given (image/verify.ts).
 *
 * Kept are the images of a study and no other, one archive each, with the signatures that the study asks
 * for and no other: so what is kept is bounded by what stewards signed, whoever pushes how often.
 * @module
 */
import { canonicalJson } from '../base/canonical-json.ts';
import { asRefusal, check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { ImageArchives, ImageShelf } from '../engine/images/image-shelf.ts';
import type { Log } from '../flows/ports.ts';
import { agreedImages, type Study } from '../flows/study-terms.ts';
import { readArchive, writeArchive } from '../image/archive.ts';
import { type Image, readLayout, writeLayout } from '../image/layout.ts';
import { checkImage } from '../image/reject.ts';
import { isSigned, type ImageSignature, wantedSignatures } from '../image/signature.ts';
import type { AgreedImage } from '../image/verify.ts';

export type ImageState = {
  readonly digest: Digest;
  readonly pushed: boolean;
  /** Whether author and parties have signed. */
  readonly signed: boolean;
  /** Keys whose signatures are there. */
  readonly signatures: readonly string[];
};

const text = (value: unknown): string => canonicalJson(value);

export class SandboxImages {
  readonly #archives: ImageArchives;
  /** Pushes of this process one after the other: each adds to what is there. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(archives: ImageArchives) {
    this.#archives = archives;
  }

  /**
   * Takes in what is on `shelf`, of a process that has come to share a store with others; what is not taken stays there
   * and is named.
   */
  async takeFrom(
    shelf: ImageShelf,
    studyOf: (id: Digest) => Promise<Study>,
    log: Pick<Log, 'warn'>,
  ): Promise<void> {
    for (const { study, image } of await shelf.list()) {
      try {
        const archive = await shelf.get(study, image);
        if (archive !== undefined) await this.push(await studyOf(study), image, archive);
        await shelf.remove(study, image);
      } catch (error) {
        const { code, detail } = asRefusal(error);
        log.warn({ study, image, code, detail }, 'image of this directory not taken in');
      }
    }
  }

  /** Adds an image, or signatures to one. Refuses with NOT_FOUND one that the study does not name. */
  push(study: Study, digest: Digest, archive: Uint8Array): Promise<ImageState> {
    const pushed = this.#last.then(() => this.#push(study, digest, archive));
    this.#last = pushed.catch(() => undefined);
    return pushed;
  }

  async #push(study: Study, digest: Digest, archive: Uint8Array): Promise<ImageState> {
    const agreed = named(study, digest);
    const image = readLayout(readArchive(archive));
    checkImage(image.digest === digest, 'OTHER_IMAGE');
    checkImage(text(image.declaration) === text(agreed.declaration), 'DECLARATION');
    for (;;) {
      const before = await this.#archives.get(study.id, digest);
      const earlier = before === undefined ? [] : readLayout(readArchive(before)).signatures;
      const signatures = wanted(study, agreed, [...earlier, ...image.signatures]);
      const files = writeLayout(image.declaration, image.wasm, signatures);
      const archived = writeArchive(files);
      if (await this.#archives.replace(study.id, digest, before, archived))
        return state(study, agreed, signatures);
    }
  }

  /** The archive; IMAGE_MISSING before it was pushed. */
  async fetch(study: Study, digest: Digest): Promise<Uint8Array> {
    named(study, digest);
    const archive = await this.#archives.get(study.id, digest);
    check(archive !== undefined, 'IMAGE_MISSING', digest);
    return archive;
  }

  async list(study: Study): Promise<ImageState[]> {
    return Promise.all(
      agreedImages(study).map(async (agreed) => {
        const kept = await this.#kept(study, agreed.digest);
        return state(study, agreed, kept?.signatures);
      }),
    );
  }

  async #kept(study: Study, digest: Digest): Promise<Image | undefined> {
    const archive = await this.#archives.get(study.id, digest);
    return archive === undefined ? undefined : readLayout(readArchive(archive));
  }
}

function named(study: Study, digest: Digest): AgreedImage {
  const found = agreedImages(study).find((image) => image.digest === digest);
  check(found !== undefined, 'NOT_FOUND', 'an image of another study');
  return found;
}

const wanted = (
  study: Study,
  { digest, signers }: AgreedImage,
  signatures: readonly ImageSignature[],
): ImageSignature[] => wantedSignatures(signatures, { image: digest, study: study.id, signers });

const state = (
  study: Study,
  { digest, signers }: AgreedImage,
  signatures: readonly ImageSignature[] | undefined,
): ImageState => ({
  digest,
  pushed: signatures !== undefined,
  signed: isSigned(signatures ?? [], { image: digest, study: study.id, signers }),
  signatures: (signatures ?? []).map(({ key }) => key),
});
