/**
 * The store that a service is configured with: a SQLite file of its data directory, or a schema of a
 * PostgreSQL database. `database.urlFile` names a file, mode 0600, whose first line is the address
 * with its password: `postgres://user:password@host/database?sslmode=verify-full`.
 * @module
 */
import { Type } from 'typebox';
import { fromUtf8 } from '../base/bytes.ts';
import { check, Refusal } from '../base/errors.ts';
import type { Log } from '../flows/ports.ts';
import { readSecretLine } from './keys.ts';
import type { Address } from './postgres/connect.ts';
import { openStore } from './sqlite/store.ts';
import type { Migration } from './stores/migrations.ts';
import { NO_PEERS, type Peers } from './stores/peers.ts';
import type { Store } from './stores/store.ts';
import { isLoopback } from './transport/dispatcher.ts';

/** A setting of both services. */
export const DatabaseShape = Type.Object(
  {
    urlFile: Type.String({ minLength: 1 }),
    /** Default: `kakehashi_sandbox`, or `kakehashi_holder_` and the holder's name. */
    schema: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9_]{0,50}$' })),
  },
  { additionalProperties: false },
);

export type DatabaseSetting = { readonly urlFile: string; readonly schema?: string };

const invalid = (code: string): Refusal =>
  new Refusal('CONFIGURATION_INVALID', 'database', {
    errors: [{ pointer: '/database/urlFile', code }],
  });

/** What an address may say behind its `?`, once each: anything else would lead elsewhere than it reads. */
const PARAMETERS: readonly string[] = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'];

/**
 * Refuses with CONFIGURATION_INVALID what is no address (WRONG_FORMAT), one whose parameters could name another
 * server, port or options (PARAMETER_NOT_ALLOWED), or one that would be spoken to in the clear (TLS_REQUIRED).
 */
export async function readAddress(setting: DatabaseSetting, usual: string): Promise<Address> {
  using line = await readSecretLine('database address', setting.urlFile);
  const text = fromUtf8(line.expose());
  if (!URL.canParse(text)) throw invalid('WRONG_FORMAT');
  const url = new URL(text);
  if (!/^postgres(?:ql)?:$/.test(url.protocol)) throw invalid('WRONG_FORMAT');
  const names = [...url.searchParams.keys()];
  const allowed = names.every((name) => PARAMETERS.includes(name));
  if (!allowed || new Set(names).size !== names.length) throw invalid('PARAMETER_NOT_ALLOWED');
  const verified = url.searchParams.get('sslmode') === 'verify-full';
  if (!verified && !isLoopback(url.hostname)) throw invalid('TLS_REQUIRED');
  return { url: text, schema: setting.schema ?? usual };
}

export type ServiceStore<Tables> = {
  readonly store: Store<Tables>;
  readonly peers: Peers;
  readonly close: () => Promise<void>;
};

export type ServiceStoreOptions = {
  readonly database: DatabaseSetting | undefined;
  /** Of SQLite, in the data directory. */
  readonly file: string;
  /** Of PostgreSQL, where the setting names none. */
  readonly schema: string;
  readonly migrations: readonly Migration[];
  readonly log?: Pick<Log, 'info' | 'warn'>;
  /** Refuses with DATA_DIRECTORY_BUSY a second process on the schema. */
  readonly alone: boolean;
};

const ALONE = 'the process of this service';

export async function openServiceStore<Tables>({
  database,
  file,
  schema,
  migrations,
  log,
  alone,
}: ServiceStoreOptions): Promise<ServiceStore<Tables>> {
  if (database === undefined) {
    const store = openStore<Tables>(file, migrations);
    return { store, peers: NO_PEERS, close: () => store.close() };
  }
  const address = await readAddress(database, schema);
  const [{ PostgresSession }, { openPostgresStore }] = await Promise.all([
    import('./postgres/session.ts'),
    import('./postgres/store.ts'),
  ]);
  const session = new PostgresSession(address, log);
  let store: Store<Tables> | undefined;
  const close = async (): Promise<void> => {
    await store?.close();
    await session.close();
  };
  try {
    await session.open();
    const first = !alone || (await session.keep(ALONE));
    check(first, 'DATA_DIRECTORY_BUSY', `schema ${address.schema}`);
    store = await openPostgresStore<Tables>({
      ...address,
      migrations,
      ...(log && { log }),
      ...(alone && { checkWrite: () => session.checkKept(ALONE) }),
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { store, peers: session, close };
}
