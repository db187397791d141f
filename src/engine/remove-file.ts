/** Files that must not stay: removed, or said by name and the code of the system why not. @module */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Refusal, systemCode } from '../base/errors.ts';

export const notRemoved = (file: string, cause: unknown): Refusal =>
  new Refusal('FILE_NOT_REMOVED', `${path.basename(file)}: ${systemCode(cause)}`, undefined, {
    cause,
  });

/** One that is gone already is fine; refuses with FILE_NOT_REMOVED. Durable once its directory is. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true }).catch((cause: unknown) => {
    throw notRemoved(file, cause);
  });
}
