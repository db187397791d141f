/** The sandbox as the place of a run: uploads, their rows in the store, their ends. @module */
import { systemRng } from '../base/rng.ts';
import type { Digest } from '../base/hash.ts';
import type { SigningKey } from '../base/sign.ts';
import type { DataDirectory } from '../engine/data-directory.ts';
import { SandboxUploads } from '../engine/stores/sandbox-uploads.ts';
import type { SandboxImages } from './images.ts';
import type { Queries } from './queries.ts';
import { ReadyImages } from './ready-images.ts';
import { runUploads } from './run-uploads.ts';
import { SharedUploads } from './shared-uploads.ts';
import type { Studies } from './studies.ts';
import { UploadEnds, type UploadEndsOptions } from './upload-ends.ts';
import { Uploads } from './uploads.ts';
import type { UploadsOfRuns } from './uploads-door.ts';

export type SandboxedRunsOptions = Omit<
  UploadEndsOptions,
  'stored' | 'uploads' | 'store' | 'forget'
> & {
  readonly studies: Studies;
  readonly queries: Queries;

  readonly store: ConstructorParameters<typeof SandboxUploads>[0];
  readonly log: ConstructorParameters<typeof Uploads>[0]['log'];
  readonly directory: Pick<DataDirectory, 'uploads' | 'tmp'>;
  readonly images: SandboxImages;
  readonly key: SigningKey | undefined;
  /** Path of the script that runs an image; beside this code where it is built. */
  readonly imageRunner: string | undefined;
};

export type SandboxedRuns = {
  readonly uploads: SharedUploads;
  readonly uploadsHere: UploadsOfRuns;
  readonly storedUploads: SandboxUploads;
  start(): void;
  close(): Promise<void>;
};

export function sandboxedRuns(options: SandboxedRunsOptions): SandboxedRuns {
  const { store, directory, images, imageRunner } = options;
  const stored = new SandboxUploads(store);
  const uploads = new Uploads({
    ...options,
    stored,
    images: new ReadyImages(images, imageRunner),
    directory: directory.uploads,
    tmp: directory.tmp,
    rng: systemRng,
  });
  const uploadsHere = runUploads({ ...options, uploads });
  const shared = new SharedUploads(uploadsHere);
  const forget = (run: Digest): Promise<void> => shared.forget(run);
  const ends = new UploadEnds({ ...options, stored, uploads, forget });
  return {
    uploads: shared,
    uploadsHere,
    storedUploads: stored,
    start: () => ends.start(),
    close: async () => {
      await ends.close();
      await uploads.close();
    },
  };
}
