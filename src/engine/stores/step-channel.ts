/**
 * Where every durable step is announced once it is on disk (DESIGN section 9, seams): kill tests
 * subscribe, nothing in src does.
 * @module
 */
import { channel } from 'node:diagnostics_channel';
import type { Digest } from '../../base/hash.ts';

const steps = channel('kakehashi:step');

export const stepDone = (run: Digest, name: string): void => {
  steps.publish({ run, name });
};
