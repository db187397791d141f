/** Where things are in a data directory (data-directory.ts): for commands that open none of them. @module */
import path from 'node:path';

/** Where a process finds its things; the paths are absolute. */
export type DirectoryPaths = {
  readonly path: string;
  readonly config: string;
  readonly keys: string;
  /** The SQLite file. */
  readonly store: string;
  readonly blobs: string;
  readonly tmp: string;
  /** Made only where asked for. */
  readonly cohorts: string;
  /** Archives of images at a sandbox; made with the first. */
  readonly images: string;
  /** Sealed rows of runs at a sandbox; made with the first. */
  readonly uploads: string;
  /** The unix socket of a holder's staff; not made here. */
  readonly controlSocket: string;
};

/** `$XDG_STATE_HOME/kakehashi/<role>`; a relative value is ignored, as the XDG specification says. */
export function defaultDataDirectory(
  role: 'sandbox' | 'holder',
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const state = environment['XDG_STATE_HOME'] ?? '';
  const base = path.isAbsolute(state) ? state : path.join(home, '.local', 'state');
  return path.join(base, 'kakehashi', role);
}

/** The paths alone, for a command that only reads or writes a key: nothing is made or locked. */
export function dataDirectoryPaths(directory: string): DirectoryPaths {
  const root = path.resolve(directory);
  const inside = (name: string): string => path.join(root, name);
  return {
    path: root,
    config: inside('config.json'),
    keys: inside('keys'),
    store: inside('store.db'),
    blobs: inside('blobs'),
    tmp: inside('tmp'),
    cohorts: inside('cohorts'),
    images: inside('images'),
    uploads: inside('uploads'),
    controlSocket: inside('control.sock'),
  };
}
