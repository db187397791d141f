/** A file that is there whole, also after a crash, or not at all. @module */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Whether an error of the file system says that there is no such file. */
export const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * Writes to `tmp`, synchronises, and renames to `target`, whose place it takes; for the owner only. Both
 * directories exist and are on one file system. The name is durable once the caller has synchronised the
 * directory of `target`. On failure nothing stays in `tmp`.
 */
export async function writeWhole(target: string, bytes: Uint8Array, tmp: string): Promise<void> {
  const written = path.join(tmp, randomUUID());
  try {
    const file = await open(written, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(written, target);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
}
