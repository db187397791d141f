/** The images of a holder's studies, on this machine: where the runner is, how many run at once. @module */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { toHex } from '../base/bytes.ts';
import { hmacSha256 } from '../base/hash.ts';
import type { Rng } from '../base/rng.ts';
import type { Vault } from '../base/vault.ts';
import { HolderImages } from '../engine/images/holder-images.ts';
import type { Log } from '../flows/ports.ts';
import type { HolderConfiguration } from './configuration.ts';
import type { Studies } from './studies.ts';

const RUNNER = fileURLToPath(new URL('image-runner.js', import.meta.url));
/** Each is a process with the memory of the image, and a core. */
const MOST_PROCESSES = 8;

export type ImagesOptions = {
  readonly configuration: HolderConfiguration;
  readonly studies: Studies;
  readonly vault: Vault;
  readonly log: Log;
  readonly tmp: string;
  readonly rng: Rng;
};

export const holderImages = ({
  configuration,
  studies,
  vault,
  log,
  tmp,
  rng,
}: ImagesOptions): HolderImages =>
  new HolderImages({
    holder: configuration.name,
    studyOf: (study) => studies.any(study),
    runner: RUNNER,
    processes: Math.min(MOST_PROCESSES, availableParallelism()),
    revoked: configuration.revokedSigners ?? [],
    commit: (digest) => {
      using key = vault.derive('kakehashi/image-input/1');
      return toHex(hmacSha256(key, digest));
    },
    log,
    tmp,
    rng,
  });
