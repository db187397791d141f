/**
 * A backup of a data directory, also of one that is in use, and a data directory made of a backup.
 *
 *     backup.json   what is here: role, time, and of every file its size and SHA-256
 *     store.db      a snapshot; of a holder marked as a copy, so that its next start recovers (DESIGN 9)
 *     blobs/        every blob that was there after the snapshot: blobs are written before they are named
 *     config.json   where there is one
 *     keys.pack     the key files, encrypted, where a passphrase was given; else none
 *
 * Not in it: cohorts (load the files again: the ledger knows the people), `images/` of a sandbox (push them again:
 * the study names their digests) and its `uploads/` (rows of runs, which are not kept), `tmp`, and keys without a
 * passphrase.
 * @module
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { fromUtf8 } from '../../base/bytes.ts';
import { canonicalJson, parseStrict } from '../../base/canonical-json.ts';
import { check, Refusal } from '../../base/errors.ts';
import { sha256Hex } from '../../base/hash.ts';
import { shapeErrors } from '../../base/input.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { dataDirectoryPaths } from '../data-paths.ts';
import { copyStore } from '../sqlite/copy-store.ts';
import { copyDurably, syncName, syncTree, writeDurably } from './durable-files.ts';
import { type KeyFiles, packKeys, unpackKeys } from './key-pack.ts';

const CLOSED = { additionalProperties: false } as const;
export const BACKUP_FORMAT = 'kakehashi/backup/1';
const FILE = '^(?:store\\.db|config\\.json|keys\\.pack|blobs/[0-9a-f]{2}/[0-9a-f]{64})$';

const ManifestShape = Type.Object(
  {
    format: Type.Literal(BACKUP_FORMAT),
    role: Type.Enum(['holder', 'sandbox']),
    /** ISO 8601, UTC. */
    at: Type.String({ maxLength: 40 }),
    files: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: FILE }),
          bytes: Type.Integer({ minimum: 0 }),
          sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        },
        CLOSED,
      ),
    ),
  },
  CLOSED,
);

export type BackupManifest = Static<typeof ManifestShape>;
type BackupFile = BackupManifest['files'][number];

const MANIFEST = 'backup.json';
const STORE = 'store.db';

/** Streaming would spare memory: a blob has 16 MiB at most, a store is read once. */
function describe(root: string, name: string): BackupFile {
  const bytes = readFileSync(path.join(root, name));
  return { name, bytes: bytes.length, sha256: sha256Hex(bytes) };
}

const filesBelow = (root: string, name: string): string[] =>
  !existsSync(path.join(root, name))
    ? []
    : readdirSync(path.join(root, name), { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? filesBelow(root, `${name}/${entry.name}`) : [`${name}/${entry.name}`],
      );

function newDirectory(directory: string): void {
  const taken = existsSync(directory) && readdirSync(directory).length > 0;
  check(!taken, 'FILE_EXISTS', directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
}

function readKeys(directory: string): Map<string, Secret> {
  check(existsSync(directory), 'FILE_NOT_FOUND', directory);
  return new Map(
    readdirSync(directory)
      .filter((name) => statSync(path.join(directory, name)).isFile())
      .map((name) => {
        const bytes = new Uint8Array(readFileSync(path.join(directory, name)));
        return [name, new Secret(`key file ${name}`, bytes)];
      }),
  );
}

/** Everything that is secret of `files` is wiped when `work` is done. */
function wiping<T>(files: KeyFiles, work: () => T): T {
  try {
    return work();
  } finally {
    for (const file of files.values()) file[Symbol.dispose]();
  }
}

export type BackupOptions = {
  readonly data: string;
  /** A new or empty directory. */
  readonly out: string;
  /** Keys go in where it is given. */
  readonly passphrase: Secret | undefined;
  readonly now: Date;
  readonly rng: Rng;
};

/** What the disk refuses is said of the directory that was to be written. */
function writing<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('FILE_NOT_FOUND', `${directory}: not written`, undefined, { cause });
  }
}

/** Refuses with FILE_EXISTS, FILE_NOT_FOUND, KEY_FILE_INVALID or DATA_DIRECTORY_DAMAGED. Durable when it returns. */
export const writeBackup = (options: BackupOptions): BackupManifest =>
  writing(options.out, () => write(options));

function write(options: BackupOptions): BackupManifest {
  const { data, out, passphrase, now, rng } = options;
  const paths = dataDirectoryPaths(data);
  check(existsSync(paths.store), 'FILE_NOT_FOUND', `${data}: no data directory`);
  // Made at the first start and never written where the service has a database elsewhere.
  const inUse = statSync(paths.store).size > 0;
  check(inUse, 'FILE_NOT_FOUND', `${data}: no store here; PostgreSQL is backed up by pg_dump`);
  const packed = passphrase && packedKeys(paths.keys, passphrase, rng);
  newDirectory(out);
  const role = copyStore(paths.store, path.resolve(out, STORE));
  chmodSync(path.join(out, STORE), 0o600);
  copyDurably(paths.config, path.join(out, 'config.json'));
  for (const name of filesBelow(paths.path, 'blobs')) {
    // One that is being written has another name; one that was erased meanwhile is not needed.
    if (new RegExp(FILE).test(name)) {
      copyDurably(path.join(paths.path, name), path.join(out, name));
    }
  }
  if (packed !== undefined) writeDurably(path.join(out, 'keys.pack'), packed);
  const names = [STORE, 'config.json', 'keys.pack', ...filesBelow(out, 'blobs')];
  const files = names
    .filter((name) => existsSync(path.join(out, name)))
    .map((name) => describe(out, name));
  const manifest = { format: BACKUP_FORMAT, role, at: now.toISOString(), files } as const;
  syncTree(out);
  // Last, and behind everything it names: what has no manifest is no backup.
  writeDurably(path.join(out, MANIFEST), `${canonicalJson(manifest)}\n`);
  syncTree(out);
  syncName(out);
  return manifest;
}

function packedKeys(directory: string, passphrase: Secret, rng: Rng): Uint8Array {
  const keys = readKeys(directory);
  return wiping(keys, () => packKeys(keys, passphrase, rng));
}

/** Reads the manifest and holds every file to it. Refuses with FILE_NOT_FOUND or DATA_DIRECTORY_DAMAGED. */
export function checkBackup(from: string): BackupManifest {
  const file = path.join(from, MANIFEST);
  check(existsSync(file), 'FILE_NOT_FOUND', file);
  const damaged = (why: string): Refusal => new Refusal('DATA_DIRECTORY_DAMAGED', why);
  let manifest: BackupManifest;
  try {
    const json = parseStrict(fromUtf8(new Uint8Array(readFileSync(file))).trimEnd());
    const [error] = shapeErrors(ManifestShape, json);
    check(error === undefined, 'DATA_DIRECTORY_DAMAGED', `manifest ${error?.pointer ?? ''}`);
    manifest = json as unknown as BackupManifest;
  } catch (cause) {
    throw new Refusal('DATA_DIRECTORY_DAMAGED', 'backup.json', undefined, { cause });
  }
  for (const one of manifest.files) {
    if (!existsSync(path.join(from, one.name))) throw damaged(`${one.name} is missing`);
    const { bytes, sha256 } = describe(from, one.name);
    if (bytes !== one.bytes || sha256 !== one.sha256) throw damaged(`${one.name} was changed`);
  }
  return manifest;
}

export type RestoreOptions = {
  readonly from: string;
  /** A new or empty data directory. */
  readonly data: string;
  /** Opens `keys.pack`. */
  readonly passphrase: Secret | undefined;
};

/** Makes a data directory of a backup that is whole. Its keys come with a passphrase, or by hand. */
export const restoreBackup = (options: RestoreOptions): BackupManifest =>
  writing(options.data, () => restore(options));

function restore(options: RestoreOptions): BackupManifest {
  const { from, data, passphrase } = options;
  const manifest = checkBackup(from);
  const keys = keysOf(manifest, from, passphrase);
  const paths = dataDirectoryPaths(data);
  newDirectory(paths.path);
  for (const directory of [paths.keys, paths.blobs]) mkdirSync(directory, { mode: 0o700 });
  // The store last: what has none was not restored whole, and is refused at a start.
  const names = manifest.files.map(({ name }) => name).filter((name) => name !== 'keys.pack');
  for (const name of [...names.filter((one) => one !== STORE), STORE]) {
    const there = copyDurably(path.join(from, name), path.join(paths.path, name));
    check(there, 'DATA_DIRECTORY_DAMAGED', `${name} is missing`);
  }
  wiping(keys, () => {
    for (const [name, file] of keys) writeDurably(path.join(paths.keys, name), file.expose());
  });
  syncTree(paths.path);
  syncName(paths.path);
  return manifest;
}

function keysOf({ files }: BackupManifest, from: string, passphrase: Secret | undefined): KeyFiles {
  const packed = files.some(({ name }) => name === 'keys.pack');
  if (passphrase === undefined) return new Map<string, Secret>();
  check(packed, 'KEY_FILE_INVALID', 'this backup has no keys');
  return unpackKeys(new Uint8Array(readFileSync(path.join(from, 'keys.pack'))), passphrase);
}
