/** What a holder is told at start (DESIGN section 9, "Configuration"). @module */
import { type Static, Type } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import { NAME_PATTERN } from '../base/name.ts';
import { PUBLIC_KEY_PATTERN } from '../base/sign.ts';
import type { Limits } from '../ledger/ceilings.ts';
import { parseAmount } from '../ledger/entry.ts';
import { SETTING_NAMES, SETTINGS } from '../ledger/settings.ts';
import { type Environment, readConfiguration } from '../engine/configuration.ts';
import { DatabaseShape } from '../engine/service-store.ts';

const Key = Type.String({ pattern: PUBLIC_KEY_PATTERN.source });
const Fraction = Type.String({ pattern: '^(?:0|[1-9][0-9]*)/[1-9][0-9]*$' });

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export const HolderConfigurationShape = Type.Object(
  {
    /** This holder's name in its studies. */
    name: Type.String({ pattern: NAME_PATTERN.source }),
    /** Where the sandbox is. */
    sandbox: Type.String({ pattern: '^https?://' }),
    caFile: Type.Optional(Type.String()),
    proxy: Type.Optional(Type.String()),
    /** `user:password` of the proxy, mode 0600. */
    proxyCredentialsFile: Type.Optional(Type.String()),
    /** Identity keys of the other holders, pinned here out of band. */
    holders: Type.Record(Type.String(), Key),
    /** Keys that this holder's own stewards may have. */
    stewards: Type.Array(Key, { minItems: 1 }),
    /** Keys of analysts and of other holders' stewards that are not trusted any more: no run reserves for them. */
    revoked: Type.Array(Key),
    /** Default: keys/identity.pem in the data directory. */
    identityFile: Type.Optional(Type.String()),
    passphraseFile: Type.Optional(Type.String()),
    /** Caps the sum over all studies of this holder. */
    limit: Type.Optional(
      Type.Object({ rho: Fraction, delta: Fraction }, { additionalProperties: false }),
    ),
    /** Caps what each person may bear over all studies: a named setting, exact amounts, or `none`. */
    epochLimit: Type.Union([
      Type.Enum([...SETTING_NAMES, 'none']),
      Type.Object({ rho: Fraction, delta: Fraction }, { additionalProperties: false }),
    ]),
    /** Signatures on images by these keys are not taken, whatever a study says. */
    revokedSigners: Type.Optional(Type.Array(Key, { maxItems: 1000 })),
    /** PostgreSQL instead of a file in the data directory, for everything but cohorts, keys and blobs. */
    database: Type.Optional(DatabaseShape),
    /** For DuckDB. */
    threads: Type.Integer({ minimum: 1, maximum: 256 }),
    memoryLimit: Type.String({ pattern: '^[1-9][0-9]*(?:MB|GB)$' }),
    logLevel: Type.Enum([...LOG_LEVELS]),
  },
  { additionalProperties: false },
);

export type HolderConfiguration = Static<typeof HolderConfigurationShape>;

export const readHolderConfiguration = (
  file: string,
  environment: Environment,
  flags: Readonly<Record<string, Json | undefined>>,
  earlier: Readonly<Record<string, Json>> = {},
): HolderConfiguration =>
  readConfiguration(HolderConfigurationShape, {
    defaults: {
      holders: {},
      revoked: [],
      epochLimit: 'generous',
      threads: 1,
      memoryLimit: '1GB',
      logLevel: 'info',
      ...earlier,
    },
    environment,
    file,
    flags,
  });

/** What the ledger holds every charge to, whatever the study. */
export function limitsOf({ limit, epochLimit }: HolderConfiguration): Limits {
  const holder = limit === undefined ? {} : { holder: parseAmount(limit) };
  if (epochLimit === 'none') return holder;
  const named = typeof epochLimit === 'string';
  return { ...holder, epoch: named ? SETTINGS[epochLimit].amount : parseAmount(epochLimit) };
}
