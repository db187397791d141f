/** The sandbox's tables. Ids are digests, texts are canonical JSON. @module */
import type { ColumnType } from 'kysely';
import type { Digest } from '../../base/hash.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import type { FrameKind } from '../../flows/frame.ts';
import type { RunState } from '../../flows/ports.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';
import type { BlobTables } from './stored-blobs.ts';

/** Integers come back as bigints and are exact. */
export type Whole = ColumnType<bigint, number, number>;

export type SandboxTables = BlobTables & {
  study: { id: Digest; signed: string };
  /** Versions of amended studies, from the second on. */
  study_version: { agreement: Digest; study: Digest; version: Whole };
  query: {
    id: Digest;
    study: Digest;
    analyst: PublicKeyText;
    nonce: string;
    signed: string;
    query_key: Digest;
  };
  run: {
    id: Digest;
    query: Digest;
    study: Digest;
    query_key: Digest;
    attempt: Whole;
    epoch: Whole;
    state: RunState;
    problem: string | null;
    release: string | null;
    /** Milliseconds, when it was first seen to have ended; and when its ciphertexts were deleted. */
    ended: ColumnType<bigint | null, number | undefined, number>;
    erased: ColumnType<bigint | null, number | undefined, number | null>;
  };
  /** `ciphertexts`: of all runs that were begun in this epoch of the study's key. */
  key_epoch: { study: Digest; epoch: Whole; ciphertexts: Whole };
  run_event: { run: Digest; id: Whole; event: string; data: string };
  run_request: { query: Digest; key: string; run: Digest };
  frame: {
    arrival: ColumnType<bigint, never, never>;
    study: Digest;
    run: Digest;
    from_name: string;
    to_name: string;
    sequence: Whole;
    kind: FrameKind;
    digest: Digest;
    size: Whole;
    bytes: Uint8Array;
  };
  delivery: { holder: string; position: Whole; arrival: bigint };
  inbox: { holder: string; position: Whole; acknowledged: Whole; seen: string | null };
  token: { key: PublicKeyText; id: string; forget_after: Whole };
  finished_job: { key: string; job: Digest; result: Digest };
  /** `erased`: what was deleted, as JSON; the row stays so that a name is not used again. */
  column_table: {
    id: Digest;
    study: Digest;
    holder: string;
    blocks: Whole;
    list: string;
    relinearisation: Digest;
    manifest: string | null;
    erased: string | null;
  };
  /** Which process has the records of a linked run: a row for as long as it has. */
  record_place: { run: Digest; epoch: string; address: string; key: Uint8Array };
  /** `digest` is of `bytes`, the archive with the signatures that it has so far. */
  image_archive: { study: Digest; image: Digest; digest: Digest; bytes: Uint8Array };
  column_batch: { table_id: Digest; number: Whole; digest: Digest };
  column_ciphertext: { table_id: Digest; block: Whole; column_id: string; blob: Digest };
  /** `name` is what an entry is about: each is entered once. */
  audit_entry: {
    study: Digest;
    number: Whole;
    name: string;
    entry: string;
    salt: Uint8Array;
    leaf: Uint8Array;
  };
  /** Of one holder for one run (sandbox-uploads.ts); times in milliseconds. */
  upload: {
    id: Digest;
    study: Digest;
    run: Digest;
    holder: string;
    block: Whole;
    image: Digest;
    chunks: Whole;
    bytes: Whole;
    expires: Whole;
    destroyed: ColumnType<bigint | null, number | null, number>;
  };
  upload_statement: { run: Digest; study: Digest; statement: string };
  /** What holders were asked to co-sign for a run, or for the study itself; `number` is the entry. */
  audit_checkpoint: { study: Digest; run: Digest; size: Whole; root: Digest; number: Whole };
};

export const SANDBOX_MIGRATIONS: readonly Migration[] = [
  {
    name: 'sandbox/1',
    ordered: ['run'],
    sql: `CREATE TABLE study (id TEXT PRIMARY KEY, signed TEXT NOT NULL) STRICT;

    CREATE TABLE query (
      id TEXT PRIMARY KEY, study TEXT NOT NULL REFERENCES study (id), analyst TEXT NOT NULL,
      nonce TEXT NOT NULL, signed TEXT NOT NULL, query_key TEXT NOT NULL,
      UNIQUE (study, analyst, nonce)
    ) STRICT;

    CREATE TABLE run (
      id TEXT PRIMARY KEY, query TEXT NOT NULL REFERENCES query (id),
      study TEXT NOT NULL REFERENCES study (id), query_key TEXT NOT NULL,
      attempt INTEGER NOT NULL, state TEXT NOT NULL, problem TEXT, release TEXT,
      UNIQUE (query, attempt)
    ) STRICT;
    CREATE INDEX run_query_key ON run (study, query_key, state);
    CREATE TABLE run_event (
      run TEXT NOT NULL REFERENCES run (id), id INTEGER NOT NULL, event TEXT NOT NULL,
      data TEXT NOT NULL, PRIMARY KEY (run, id)
    ) STRICT;
    CREATE TABLE run_request (
      query TEXT NOT NULL REFERENCES query (id), key TEXT NOT NULL,
      run TEXT NOT NULL REFERENCES run (id), PRIMARY KEY (query, key)
    ) STRICT;

    CREATE TABLE frame (
      arrival INTEGER PRIMARY KEY AUTOINCREMENT, study TEXT NOT NULL REFERENCES study (id),
      run TEXT NOT NULL, from_name TEXT NOT NULL, to_name TEXT NOT NULL, sequence INTEGER NOT NULL,
      kind TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL,
      UNIQUE (run, from_name, to_name, sequence)
    ) STRICT;
    CREATE TABLE delivery (
      holder TEXT NOT NULL, position INTEGER NOT NULL,
      arrival INTEGER NOT NULL REFERENCES frame (arrival), PRIMARY KEY (holder, position)
    ) STRICT;
    CREATE TABLE inbox (
      holder TEXT PRIMARY KEY, position INTEGER NOT NULL, acknowledged INTEGER NOT NULL, seen TEXT
    ) STRICT;

    CREATE TABLE token (
      key TEXT NOT NULL, id TEXT NOT NULL, forget_after INTEGER NOT NULL, PRIMARY KEY (key, id)
    ) STRICT;
    CREATE INDEX token_age ON token (forget_after);
    CREATE TABLE finished_job (
      key TEXT PRIMARY KEY, job TEXT NOT NULL, result TEXT NOT NULL
    ) STRICT`,
  },
  {
    name: 'sandbox/2',
    sql: `CREATE TABLE column_table (
      id TEXT PRIMARY KEY, study TEXT NOT NULL REFERENCES study (id), holder TEXT NOT NULL,
      blocks INTEGER NOT NULL, list TEXT NOT NULL, relinearisation TEXT NOT NULL, manifest TEXT,
      erased TEXT
    ) STRICT;
    CREATE UNIQUE INDEX column_table_live ON column_table (study, holder) WHERE erased IS NULL;
    CREATE TABLE column_batch (
      table_id TEXT NOT NULL REFERENCES column_table (id), number INTEGER NOT NULL,
      digest TEXT NOT NULL, PRIMARY KEY (table_id, number)
    ) STRICT;
    CREATE TABLE column_ciphertext (
      table_id TEXT NOT NULL REFERENCES column_table (id), block INTEGER NOT NULL,
      column_id TEXT NOT NULL, blob TEXT NOT NULL, PRIMARY KEY (table_id, block, column_id)
    ) STRICT`,
  },
  {
    name: 'sandbox/3',
    sql: `ALTER TABLE run ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;
    CREATE TABLE key_epoch (
      study TEXT PRIMARY KEY REFERENCES study (id), epoch INTEGER NOT NULL,
      ciphertexts INTEGER NOT NULL
    ) STRICT`,
  },
  {
    name: 'sandbox/4',
    // Append-only: the triggers stop an edit by mistake, the co-signatures show one on purpose.
    sql: `CREATE TABLE audit_entry (
      study TEXT NOT NULL REFERENCES study (id), number INTEGER NOT NULL, name TEXT NOT NULL,
      entry TEXT NOT NULL, salt BLOB NOT NULL, leaf BLOB NOT NULL,
      PRIMARY KEY (study, number), UNIQUE (study, name)
    ) STRICT;
    CREATE TABLE audit_checkpoint (
      study TEXT NOT NULL REFERENCES study (id), run TEXT NOT NULL, size INTEGER NOT NULL,
      root TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (study, run)
    ) STRICT;
    CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
      BEGIN SELECT RAISE(ABORT, 'audit entries are kept'); END;
    CREATE TRIGGER audit_entry_fixed BEFORE UPDATE ON audit_entry
      BEGIN SELECT RAISE(ABORT, 'audit entries are kept'); END`,
  },
  {
    // Read and written where several processes share a store; one alone has files.
    name: 'sandbox/blobs-1',
    sql: 'CREATE TABLE blob (digest TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT',
  },
  {
    name: 'sandbox/5',
    sql: `ALTER TABLE run ADD COLUMN ended INTEGER;
    ALTER TABLE run ADD COLUMN erased INTEGER;
    CREATE INDEX run_not_erased ON run (ended) WHERE erased IS NULL`,
  },
  {
    // Read and written where several processes share a store.
    name: 'sandbox/records-1',
    sql: `CREATE TABLE record_place (
      run TEXT PRIMARY KEY REFERENCES run (id), epoch TEXT NOT NULL, address TEXT NOT NULL,
      key BLOB NOT NULL
    ) STRICT`,
  },
  {
    // Read and written where several processes share a store; one alone has files.
    name: 'sandbox/images-1',
    sql: `CREATE TABLE image_archive (
      study TEXT NOT NULL REFERENCES study (id), image TEXT NOT NULL, digest TEXT NOT NULL,
      bytes BLOB NOT NULL, PRIMARY KEY (study, image)
    ) STRICT`,
  },
  {
    name: 'sandbox/uploads-1',
    sql: `CREATE TABLE upload (
      id TEXT PRIMARY KEY, study TEXT NOT NULL REFERENCES study (id),
      run TEXT NOT NULL REFERENCES run (id), holder TEXT NOT NULL, block INTEGER NOT NULL,
      image TEXT NOT NULL, chunks INTEGER NOT NULL, bytes INTEGER NOT NULL, expires INTEGER NOT NULL,
      destroyed INTEGER
    ) STRICT;
    CREATE INDEX upload_of_study ON upload (study);
    CREATE INDEX upload_of_run ON upload (run);
    CREATE INDEX upload_live ON upload (expires) WHERE destroyed IS NULL;
    CREATE TABLE upload_statement (
      run TEXT PRIMARY KEY REFERENCES run (id), study TEXT NOT NULL REFERENCES study (id),
      statement TEXT NOT NULL
    ) STRICT`,
  },
  {
    name: 'sandbox/6',
    sql: `CREATE TABLE study_version (
      agreement TEXT PRIMARY KEY, study TEXT NOT NULL REFERENCES study (id),
      version INTEGER NOT NULL, UNIQUE (study, version)
    ) STRICT`,
  },
];

export type SandboxStore = Store<SandboxTables>;
