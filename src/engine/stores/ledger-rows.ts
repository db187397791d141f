/**
 * The ledger's tables, and entries read back from them.
 *
 * The body of an entry is its canonical JSON text, the very bytes that are hashed. The sealed
 * seed of a reservation lies beside it under its commitment and is not hashed: a seed is opened
 * only inside this holder (rulings 20), while entries are shown to mirrors. Triggers refuse
 * to change or remove an entry; they stop accidents, the chain shows the rest.
 * @module
 */
import { canonicalJson, parseStrict } from '../../base/canonical-json.ts';
import { check, Refusal } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Entry, EntryBody, LedgerHead } from '../../ledger/entry.ts';
import type { Migration } from './migrations.ts';
import type { Statements, Store } from './store.ts';

export type LedgerTables = {
  ledger_entry: {
    sequence: bigint;
    previous: Digest;
    hash: Digest;
    time: string;
    body: string;
  };
  noise_seed: { commitment: Digest; sealed: Uint8Array };
};

export const LEDGER_MIGRATIONS: readonly Migration[] = [
  {
    name: 'ledger/1',
    sql: `
      CREATE TABLE ledger_entry (
        sequence INTEGER PRIMARY KEY, previous TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE,
        time TEXT NOT NULL, body TEXT NOT NULL
      ) STRICT;
      CREATE TABLE noise_seed (commitment TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
      CREATE TRIGGER ledger_entry_kept BEFORE DELETE ON ledger_entry
        BEGIN SELECT RAISE(ABORT, 'append only'); END;
      CREATE TRIGGER ledger_entry_unchanged BEFORE UPDATE ON ledger_entry
        BEGIN SELECT RAISE(ABORT, 'append only'); END;`,
  },
];

/** The fields of each type of entry besides `type`, all of them text. */
const FIELDS: { readonly [T in EntryBody['type']]: readonly string[] } = {
  grant: ['study', 'rho', 'delta'],
  raise: ['study', 'grant', 'rho', 'delta'],
  amend: ['study', 'from', 'to', 'rho', 'delta'],
  load: ['study', 'version', 'epochs', 'people'],
  unload: ['study', 'version'],
  reserve: ['study', 'run', 'plan', 'vectorKey', 'rho', 'delta', 'commitment'],
  replay: ['study', 'run', 'plan', 'vectorKey', 'of'],
  touch: ['run'],
  vector: ['run', 'vectorKey', 'digest'],
  settle: ['run', 'release'],
  abort: ['run'],
  restore: ['own'],
  recover: ['study', 'rho', 'delta'],
};

/** The same of those that an entry may lack. */
const OPTIONAL: { readonly [T in EntryBody['type']]?: readonly string[] } = {
  reserve: ['analyst', 'discloses', 'agreement'],
  replay: ['agreement'],
  recover: ['disclosures'],
};

/** Shape only: what the fields may hold is checked with the chain. */
function decodeBody(text: string): EntryBody {
  const value = parseStrict(text);
  // Any other spelling of the same object was not written here.
  check(canonicalJson(value) === text, 'LEDGER_CORRUPT', 'entry is not canonical');
  check(
    typeof value === 'object' && value !== null && 'type' in value,
    'LEDGER_CORRUPT',
    'entry without type',
  );
  const { type } = value;
  check(typeof type === 'string' && Object.hasOwn(FIELDS, type), 'LEDGER_CORRUPT', 'entry type');
  const body = value as unknown as EntryBody;
  const fields = FIELDS[body.type];
  const known = ['type', ...fields, ...(OPTIONAL[body.type] ?? [])];
  const found = Object.entries(value);
  check(
    fields.every((name) => Object.hasOwn(value, name)) &&
      found.every(([name, text]) => known.includes(name) && typeof text === 'string'),
    'LEDGER_CORRUPT',
    'entry fields',
  );
  return body;
}

function decodeEntry(row: LedgerTables['ledger_entry']): Entry {
  try {
    const { previous, hash, time } = row;
    return { sequence: Number(row.sequence), previous, time, body: decodeBody(row.body), hash };
  } catch (cause) {
    throw new Refusal('LEDGER_CORRUPT', `entry ${row.sequence}`, undefined, { cause });
  }
}

/**
 * Entries behind `head`, in order. The one of `head` is looked at as well: LEDGER_CORRUPT where it is gone or is
 * another, for then the ledger was set back.
 */
export async function entriesBehind(
  store: Store<LedgerTables>,
  statements: Statements,
  { sequence, hash }: LedgerHead,
): Promise<Entry[]> {
  const rows = await statements.all(
    store.db
      .selectFrom('ledger_entry')
      .selectAll()
      .where('sequence', '>=', BigInt(sequence))
      .orderBy('sequence'),
  );
  const seen = sequence === 0 ? undefined : rows.shift();
  const same = Number(seen?.sequence ?? 0) === sequence && (seen?.hash ?? hash) === hash;
  check(same, 'LEDGER_CORRUPT', `entry ${sequence} is not the one seen before`);
  return rows.map(decodeEntry);
}

/** In one statement. */
export async function insertEntries(
  store: Store<LedgerTables>,
  statements: Statements,
  entries: readonly Entry[],
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ sequence, previous, hash, time, body }) => {
    return { sequence: BigInt(sequence), previous, hash, time, body: canonicalJson(body) };
  });
  await statements.run(store.db.insertInto('ledger_entry').values(rows));
}
