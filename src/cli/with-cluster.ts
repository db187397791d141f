/** A local cluster for the length of one command: whatever happens, no process is left behind. @module */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { check, Refusal, systemCode } from '../base/errors.ts';
import { ExitWith } from './exit.ts';
import type { Io } from './io.ts';
import {
  type ClusterOptions,
  type LocalCluster,
  LocalServices,
  startCluster,
} from './local-cluster.ts';

export type Place = {
  /** A new or empty directory, kept afterwards. Default: a temporary one. */
  readonly data?: string | undefined;
  /** Keeps the temporary one, too. */
  readonly keep?: boolean | undefined;
};

/** 128 + SIGINT, as shells have it. */
const INTERRUPTED = 130;

/** A place where this user may not write is no fault of the program. */
const cannotMake =
  (path: string) =>
  (cause: unknown): never => {
    const why = systemCode(cause, 'unwritable');
    throw new Refusal('FILE_NOT_FOUND', `${path}: ${why}`, undefined, { cause });
  };

async function makeRoot(data: string | undefined): Promise<string> {
  if (data === undefined) {
    return mkdtemp(join(tmpdir(), 'kakehashi-')).catch(cannotMake(tmpdir()));
  }
  const root = resolve(data);
  await mkdir(root, { recursive: true, mode: 0o700 }).catch(cannotMake(root));
  check((await readdir(root)).length === 0, 'FILE_EXISTS', `${root} is not empty`);
  return root;
}

/** `stay` resolves when the user asks to stop: then that is how the work ends, and no failure. */
export async function withCluster<T>(
  io: Io,
  { data, keep }: Place,
  options: Omit<ClusterOptions, 'root' | 'files'> & {
    readonly files: (root: string) => ReturnType<ClusterOptions['files']>;
  },
  work: (cluster: LocalCluster, stay: () => Promise<void>) => Promise<T>,
): Promise<T> {
  // First of all: from here on a signal ends in the cleaning up below.
  const signal = io.interrupted();
  let staying = false;
  const root = await makeRoot(data);
  const services = new LocalServices(root);
  const interrupted = signal.then(() => {
    if (!staying) throw new ExitWith(INTERRUPTED);
  });
  const stay = async (): Promise<void> => {
    staying = true;
    await signal;
  };
  const job = async (): Promise<T> => {
    const cluster = await startCluster(services, {
      ...options,
      root,
      files: () => options.files(root),
    });
    try {
      return await Promise.race([work(cluster, stay), services.failed()]);
    } finally {
      await cluster.client.close();
    }
  };
  const done = job();
  try {
    await Promise.race([done, interrupted]);
    return await done;
  } finally {
    await services.stop();
    // Nothing may write into a directory that is being removed.
    await done.catch(() => {});
    if (data === undefined && keep !== true) await rm(root, { recursive: true, force: true });
    else io.err(`data directories and logs are in ${root}\n`);
  }
}
