/**
 * A backup of a data directory, also of one that is in use, and a data directory made of a backup.
 *
 *     backup.json   what is here: role, time, and of every file its size and SHA-256
 *     store.db      a snapshot; of a holder marked as a copy, so that its next start recovers (DESIGN 9)
 *     blobs/        every blob that was there after the snapshot: blobs are written before they are named
 *     config.json   where there is one
 *     keys.pack     the key files, encrypted, where a passphrase was given; else none
 *
 * Not in it: cohorts (load the files again: the ledger knows the people), `tmp`, and keys without a passphrase.
 * @module
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { fromUtf8 } from '../../base/bytes.ts';
import { canonicalJson, parseStrict } from '../../base/canonical-json.ts';
import { check, Refusal } from '../../base/errors.ts';
import { shapeErrors } from '../../base/input.ts';
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';
import { syncDirectory } from '../blobs/sync-directory.ts';
import { dataDirectoryPaths } from '../data-directory.ts';
import { copyStore } from '../sqlite/copy-store.ts';
import { packKeys, unpackKeys } from './key-pack.ts';

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

/** Streaming would spare memory: a blob has 16 MiB at most, a store is read once. */
function describe(root: string, name: string): BackupFile {
  const bytes = readFileSync(path.join(root, name));
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
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

function copyInto(root: string, name: string, from: string): void {
  const to = path.join(root, name);
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  copyFileSync(from, to);
  chmodSync(to, 0o600);
}

const readKeys = (directory: string): Map<string, Uint8Array> =>
  new Map(
    readdirSync(directory)
      .filter((name) => statSync(path.join(directory, name)).isFile())
      .map((name) => [name, new Uint8Array(readFileSync(path.join(directory, name)))]),
  );

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
async function writing<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('FILE_NOT_FOUND', `${directory}: not written`, undefined, { cause });
  }
}

/** Refuses with FILE_EXISTS, FILE_NOT_FOUND or DATA_DIRECTORY_DAMAGED. Durable when it returns. */
export const writeBackup = (options: BackupOptions): Promise<BackupManifest> =>
  writing(options.out, () => write(options));

async function write(options: BackupOptions): Promise<BackupManifest> {
  const { data, out, passphrase, now, rng } = options;
  const paths = dataDirectoryPaths(data);
  check(existsSync(paths.store), 'FILE_NOT_FOUND', `${data}: no data directory`);
  // Made at the first start and never written where the service has a database elsewhere.
  const inUse = statSync(paths.store).size > 0;
  check(inUse, 'FILE_NOT_FOUND', `${data}: no store here; PostgreSQL is backed up by pg_dump`);
  newDirectory(out);
  const role = copyStore(paths.store, path.resolve(out, 'store.db'));
  chmodSync(path.join(out, 'store.db'), 0o600);
  if (existsSync(paths.config)) copyInto(out, 'config.json', paths.config);
  for (const name of filesBelow(paths.path, 'blobs')) {
    // One that is being written has another name; one that was erased meanwhile is not needed.
    if (new RegExp(FILE).test(name) && existsSync(path.join(paths.path, name))) {
      copyInto(out, name, path.join(paths.path, name));
    }
  }
  if (passphrase !== undefined) {
    const packed = packKeys(readKeys(paths.keys), passphrase, rng);
    writeFileSync(path.join(out, 'keys.pack'), packed, { mode: 0o600 });
  }
  const names = ['store.db', 'config.json', 'keys.pack', ...filesBelow(out, 'blobs')];
  const files = names
    .filter((name) => existsSync(path.join(out, name)))
    .map((name) => describe(out, name));
  const manifest = { format: BACKUP_FORMAT, role, at: now.toISOString(), files } as const;
  // Last: what has no manifest is no backup.
  writeFileSync(path.join(out, MANIFEST), `${canonicalJson(manifest)}\n`, { mode: 0o600 });
  await syncDirectory(out);
  return manifest;
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
export const restoreBackup = (options: RestoreOptions): Promise<BackupManifest> =>
  writing(options.data, () => restore(options));

async function restore(options: RestoreOptions): Promise<BackupManifest> {
  const { from, data, passphrase } = options;
  const manifest = checkBackup(from);
  const keys = keysOf(manifest, from, passphrase);
  const paths = dataDirectoryPaths(data);
  newDirectory(paths.path);
  for (const directory of [paths.keys, paths.blobs]) mkdirSync(directory, { mode: 0o700 });
  for (const { name } of manifest.files) {
    if (name !== 'keys.pack') copyInto(paths.path, name, path.join(from, name));
  }
  for (const [name, bytes] of keys) {
    writeFileSync(path.join(paths.keys, name), bytes, { mode: 0o600 });
  }
  await syncDirectory(paths.path);
  return manifest;
}

function keysOf({ files }: BackupManifest, from: string, passphrase: Secret | undefined) {
  const packed = files.some(({ name }) => name === 'keys.pack');
  if (passphrase === undefined) return new Map<string, Uint8Array>();
  check(packed, 'KEY_FILE_INVALID', 'this backup has no keys');
  return unpackKeys(new Uint8Array(readFileSync(path.join(from, 'keys.pack'))), passphrase);
}
