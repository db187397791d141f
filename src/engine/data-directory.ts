/**
 * The data directory of a service (DESIGN section 9): everything it keeps, in one place, mode
 * 0700, used by one process at a time.
 *
 *     config.json  keys/  store.db  blobs/<aa>/<sha256>  cohorts/ (a holder)  images/ uploads/ (a sandbox)  tmp/  lock
 *
 * `tmp` is wiped at every start and deleting it loses nothing. A directory that was in use and
 * lacks its store, its blobs or its keys is refused: starting over silently would forget what
 * was spent. So is a new one with anything else in it, because its `tmp` may be somebody's.
 * @module
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { check, Refusal } from '../base/errors.ts';
import { type DirectoryPaths, dataDirectoryPaths } from './data-paths.ts';
import { acquireLock } from './process-lock.ts';
import { notRemoved } from './remove-file.ts';

/** Where a process finds its things. */
export type DataDirectory = DirectoryPaths & {
  /** Gives the directory back to another process. */
  close(): void;
};

const LOCK = 'lock';
const OURS =
  /^(?:config\.json|keys|blobs|cohorts|images|uploads|tmp|lock|control\.sock|store\.db(?:-wal|-shm|-journal|\.before)?)$/;

/**
 * Makes what is missing at first use, locks the directory and wipes `tmp`. Refuses with
 * DATA_DIRECTORY_BUSY or DATA_DIRECTORY_DAMAGED, and with FILE_NOT_REMOVED where something stays in `tmp`.
 */
export function openDataDirectory(
  directory: string,
  options: { readonly cohorts?: boolean } = {},
): DataDirectory {
  const paths = dataDirectoryPaths(directory);
  try {
    mkdirSync(paths.path, { recursive: true, mode: 0o700 });
    checkContents(paths);
    chmodSync(paths.path, 0o700);
    const lock = path.join(paths.path, LOCK);
    if (!existsSync(lock)) makeFirst(paths);
    const held = acquireLock(lock);
    try {
      if (options.cohorts === true) mkdirSync(paths.cohorts, { recursive: true, mode: 0o700 });
      wipe(paths.tmp);
      mkdirSync(paths.tmp, { mode: 0o700 });
    } catch (error) {
      held.release();
      throw error;
    }
    return { ...paths, close: () => held.release() };
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('DATA_DIRECTORY_DAMAGED', 'not writable', undefined, { cause });
  }
}

/** What is left of a process that died may be rows: nothing starts beside it. */
function wipe(tmp: string): void {
  try {
    rmSync(tmp, { recursive: true, force: true });
  } catch (cause) {
    throw notRemoved(tmp, cause);
  }
}

function checkContents(paths: DirectoryPaths): void {
  const names = readdirSync(paths.path);
  const locked = names.includes(LOCK);
  if (!locked) {
    const strangers = names.filter((name) => !OURS.test(name)).length;
    check(strangers === 0, 'DATA_DIRECTORY_DAMAGED', `${strangers} entries that are not ours`);
    check(!hasEntries(paths.tmp), 'DATA_DIRECTORY_DAMAGED', 'tmp holds files of somebody else');
  }
  if (!locked && !hasEntries(paths.blobs)) return;
  for (const name of ['store.db', 'blobs', 'keys']) {
    check(names.includes(name), 'DATA_DIRECTORY_DAMAGED', `${name} is gone`);
  }
}

const hasEntries = (directory: string): boolean =>
  existsSync(directory) && readdirSync(directory).length > 0;

/** The lock file comes last: where it is, the rest was there. */
function makeFirst(paths: DirectoryPaths): void {
  mkdirSync(paths.keys, { recursive: true, mode: 0o700 });
  mkdirSync(paths.blobs, { recursive: true, mode: 0o700 });
  closeSync(openSync(paths.store, 'a', 0o600));
}
