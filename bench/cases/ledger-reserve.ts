/**
 * Durable reservations of a holder's ledger: each is decided on the whole state, chained, and on disk
 * before the next one of its client begins. By one client, and by eight at once of one process, which is what a
 * holder is: they share commits (engine/stores/groups.ts). In PostgreSQL, where a server listens on 127.0.0.1:5432, also
 * by eight ledgers with connections of their own, as eight processes have them: those share nothing but the lock.
 *
 * All rounds are on one ledger, which is made before the timer starts. One client waits for a flush for each
 * reservation: beside it are as many flushes of a file with nothing around them, to tell the disk from the rest.
 */
import { equal } from 'node:assert/strict';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { utf8 } from '../../src/base/bytes.ts';
import { type Digest, sha256Hex } from '../../src/base/hash.ts';
import { Rational } from '../../src/base/rational.ts';
import { openPostgresStore } from '../../src/engine/postgres/store.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import type { Store } from '../../src/engine/stores/store.ts';
import { defineCase } from '../case.ts';

const CLIENTS = 8;
const URL = 'postgres://postgres@127.0.0.1:5432/postgres';

const digest = (text: string): Digest => sha256Hex(utf8(text));
const STUDY = digest('study');
const VERSION = digest('version');
const clock = { now: () => new Date('2026-01-02T03:04:05Z') };

type Setup = {
  readonly size: number;
  /** On the disk of the store, for flushes. */
  readonly file: number;
  readonly sqlite: StoredLedger;
  /** Eight on one schema, or none where there is no server. */
  readonly postgres: readonly StoredLedger[];
  /** Of reservations so far, so that no two are of one run. */
  made: number;
  readonly close: () => Promise<void>;
};

const isUp = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(5432, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function granted(store: Store<LedgerTables>): Promise<StoredLedger> {
  const ledger = await StoredLedger.open({ store, holder: 'lu', clock });
  await ledger.grant(STUDY, { rho: Rational.of(1_000_000), delta: Rational.ZERO });
  await ledger.load(STUDY, { version: VERSION, epochs: [1], people: digest('people') });
  return ledger;
}

async function setup(size: number): Promise<Setup> {
  const directory = mkdtempSync(path.join(tmpdir(), 'kakehashi-bench-'));
  const local = openStore<LedgerTables>(path.join(directory, 'store.db'), LEDGER_MIGRATIONS);
  const file = openSync(path.join(directory, 'flushed'), 'w');
  const schema = `bench_${process.pid}`;
  const stores: Store<LedgerTables>[] = [];
  const postgres: StoredLedger[] = [];
  if (await isUp()) {
    for (let i = 0; i < CLIENTS; i += 1) {
      const migrations = LEDGER_MIGRATIONS;
      stores.push(await openPostgresStore<LedgerTables>({ url: URL, schema, migrations }));
    }
    for (const store of stores) {
      postgres.push(
        postgres.length === 0
          ? await granted(store)
          : await StoredLedger.open({ store, holder: 'lu', clock }),
      );
    }
  }
  const close = async (): Promise<void> => {
    await local.close();
    closeSync(file);
    const [first] = stores;
    if (first !== undefined) {
      const { default: pg } = await import('pg');
      const client = new pg.Client(URL);
      await client.connect();
      for (const store of stores) await store.close();
      await client.query(`DROP SCHEMA ${schema} CASCADE`);
      await client.end();
    }
    rmSync(directory, { recursive: true, force: true });
  };
  return { size, file, sqlite: await granted(local), postgres, made: 0, close };
}

async function reserve(ledger: StoredLedger, name: string): Promise<void> {
  const run = digest(name);
  await ledger.reserve({
    study: STUDY,
    run,
    planDigest: run,
    vectorKey: run,
    version: VERSION,
    rho: Rational.of(1, 1000),
    delta: Rational.ZERO,
    ticket: { sealedSeed: utf8(run), commitment: run },
  });
}

/** `setup.size` reservations by these clients, each one after another. */
async function reserveAll(setup: Setup, clients: readonly StoredLedger[]): Promise<void> {
  const first = setup.made;
  setup.made += setup.size;
  let next = 0;
  await Promise.all(
    clients.map(async (ledger) => {
      for (let i = next++; i < setup.size; i = next++) await reserve(ledger, `run ${first + i}`);
    }),
  );
}

const PAGE = new Uint8Array(4096);

function flushAll({ size, file }: Setup): void {
  for (let i = 0; i < size; i += 1) {
    writeSync(file, PAGE, 0, PAGE.length, 0);
    fsyncSync(file);
  }
}

const eight = (ledger: StoredLedger): StoredLedger[] =>
  Array.from({ length: CLIENTS }, () => ledger);

/** Beside one client in SQLite, by name: the ledger of each client. */
function othersOf({ sqlite, postgres }: Setup): Record<string, readonly StoredLedger[]> {
  const [holder] = postgres;
  return {
    'sqlite, 8 clients': eight(sqlite),
    ...(holder !== undefined && {
      'postgres, 8 clients': eight(holder),
      'postgres, 8 stores': postgres,
    }),
  };
}

async function check(setup: Setup): Promise<void> {
  for (const clients of [[setup.sqlite], ...Object.values(othersOf(setup))]) {
    const [ledger = setup.sqlite] = clients;
    const before = (await ledger.account(STUDY)).left.rho;
    await reserveAll(setup, clients);
    const after = (await ledger.account(STUDY)).left.rho;
    equal(before.minus(after).toString(), Rational.of(setup.size, 1000).toString());
  }
}

export default defineCase({
  name: 'ledger/reserve',
  timed:
    'reserving, each durable before its client goes on; size: reservations, by one client in SQLite, beside it by eight',
  sizes: [500],
  unit: 'ms',
  setup,
  check,
  contenders: { sqlite: (input: Setup) => reserveAll(input, [input.sqlite]) },
  peers: (input: Setup) => ({
    'flushes alone': flushAll,
    ...Object.fromEntries(
      Object.entries(othersOf(input)).map(([name, clients]) => [
        name,
        (one: Setup) => reserveAll(one, clients),
      ]),
    ),
  }),
  teardown: ({ close }) => close(),
});
