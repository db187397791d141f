/** The sandbox as the place of a run: uploads, their rows in the store, their ends. @module */
import { systemRng } from '../base/rng.ts';
import type { SigningKey } from '../base/sign.ts';
import type { DataDirectory } from '../engine/data-directory.ts';
import { SandboxUploads } from '../engine/stores/sandbox-uploads.ts';
import type { SandboxImages } from './images.ts';
import { ReadyImages } from './ready-images.ts';
import { UploadEnds, type UploadEndsOptions } from './upload-ends.ts';
import { Uploads } from './uploads.ts';

export type SandboxedRunsOptions = Omit<UploadEndsOptions, 'stored' | 'uploads' | 'store'> & {
  readonly store: ConstructorParameters<typeof SandboxUploads>[0];
  readonly log: ConstructorParameters<typeof Uploads>[0]['log'];
  readonly directory: Pick<DataDirectory, 'uploads' | 'tmp'>;
  readonly images: SandboxImages;
  readonly key: SigningKey | undefined;
  /** Path of the script that runs an image; beside this code where it is built. */
  readonly imageRunner: string | undefined;
};

export type SandboxedRuns = {
  readonly uploads: Uploads;
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
  const ends = new UploadEnds({ ...options, stored, uploads });
  return {
    uploads,
    storedUploads: stored,
    start: () => ends.start(),
    close: async () => {
      await ends.close();
      await uploads.close();
    },
  };
}
