/**
 * Files of a backup as it writes them: for the owner only, new, and on disk when the call returns. Names are
 * durable once the directories that they are in were synchronised (`syncTree`).
 * @module
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { syncNow } from '../blobs/sync-now.ts';
import { isAbsent } from '../blobs/whole-file.ts';

const makeRoom = (file: string): void => {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
};

export function writeDurably(file: string, bytes: Uint8Array | string): void {
  makeRoom(file);
  writeFileSync(file, bytes, { mode: 0o600, flag: 'wx', flush: true });
}

/** False, and nothing is made, where there is no file `from`. */
export function copyDurably(from: string, file: string): boolean {
  makeRoom(file);
  try {
    copyFileSync(from, file);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  chmodSync(file, 0o600);
  syncNow(file);
  return true;
}

/** Makes every name in and below `directory` durable, and its own. */
export function syncTree(directory: string): void {
  const sub = readdirSync(directory, { withFileTypes: true }).filter((one) => one.isDirectory());
  for (const { name } of sub) syncTree(path.join(directory, name));
  syncNow(directory);
}

/** Makes the name of `file` durable where it is. */
export const syncName = (file: string): void => syncNow(path.dirname(path.resolve(file)));
