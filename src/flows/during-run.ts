/** The run that a vector is computed for. @module */
import type { Digest } from '../base/hash.ts';

export type DuringRun = {
  readonly run: Digest;
  /** Aborts, with the refusal, when it is over for this holder. */
  readonly ended: AbortSignal;
};
