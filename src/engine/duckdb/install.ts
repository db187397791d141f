/**
 * Puts a finished cohort file in the place of an earlier one, so that a crash leaves one of the two.
 *
 *     built file ──sync──▶ <study>.next.duckdb ──(the ledger books it)──▶ <study>.duckdb
 *
 * What the ledger says decides: after a crash `finishInstall` puts the next file in place where it is
 * the booked version, and removes it where it is not.
 * @module
 */
import { renameSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../../base/hash.ts';
import { syncNow } from '../blobs/sync-now.ts';
import { removeFile } from '../remove-file.ts';
import { Session } from './session.ts';
import { readDescription } from './stored-cohort.ts';

const nextFile = (target: string): string => target.replace(/\.duckdb$/, '.next.duckdb');

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await handle.sync();
  await handle.close();
}

/** Moves a built file beside its target, durably. */
export async function stageNext(built: string, target: string): Promise<void> {
  await syncFile(built);
  await rename(built, nextFile(target));
  syncNow(path.dirname(target));
}

/** Synchronous: nothing of this process can come between the booking and this. */
export function placeNext(target: string): void {
  renameSync(nextFile(target), target);
  syncNow(path.dirname(target));
}

/** Replaces the file by one of the same version, such as one without some people. */
export async function replaceFile(built: string, target: string): Promise<void> {
  await stageNext(built, target);
  placeNext(target);
}

/** The version of a cohort file; undefined where there is none or it is not complete. */
export async function versionOf(file: string, tmpDirectory: string): Promise<Digest | undefined> {
  if ((await stat(file).catch(() => undefined)) === undefined) return undefined;
  const options = { file, readOnly: true, tmpDirectory, threads: 1, memoryLimit: '256MB' };
  const session = await Session.open(options).catch(() => undefined);
  if (session === undefined) return undefined;
  try {
    return (await readDescription(session)).epoch;
  } catch {
    return undefined;
  } finally {
    session.close();
  }
}

/** After a crash: the next file is put in place where it is the booked version, else removed (FILE_NOT_REMOVED). */
export async function finishInstall(
  target: string,
  booked: Digest | undefined,
  tmpDirectory: string,
): Promise<void> {
  const next = nextFile(target);
  const version = await versionOf(next, tmpDirectory);
  if (version !== undefined && version === booked) placeNext(target);
  await removeFile(next);
  await removeFile(`${next}.wal`);
}
