/** The shape of a study draft (DESIGN section 9), as TypeBox schemas and types. @module */
import { type Static, Type } from 'typebox';
import { MAX_HOLDERS } from '../base/limits.ts';
import { NAME_PATTERN } from '../base/name.ts';

const CLOSED = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1, maxLength: 200 });
const Key = Type.String({ minLength: 1, maxLength: 64 });
/** Names of holders and analysts appear in file names, groups and frames. */
const Name = Type.String({ pattern: NAME_PATTERN.source });
const Amount = Type.String({ minLength: 3, maxLength: 80 });

const STUDY_FORMAT = 'kakehashi/study/1';
/** A version behind the first: the same, and what it comes behind. */
export const AMENDED_FORMAT = 'kakehashi/study/2';

/** `study` is the id of the first version, `previous` the digest of the one before, `version` counts from 2. */
const Amends = Type.Object(
  {
    study: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    version: Type.Integer({ minimum: 2, maximum: 64 }),
    previous: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  CLOSED,
);

/** What a study can allow; the query language says which of them are served. */
export const OPERATIONS = [
  'count',
  'sum',
  'mean',
  'proportion',
  'variance',
  'histogram',
  'survival',
  'quantiles',
  'distribution',
  'table',
  'standardised',
  'trend',
  'incidence',
  'linear',
  'logistic',
  'hazards',
  'image',
  'top',
  'keys',
] as const;

const Budget = Type.Object({ rho: Amount, delta: Amount }, CLOSED);

/** Beside the budget: what one analyst, and a person at several holders of a country, may use or bear. */
const Ceilings = Type.Object(
  {
    analyst: Type.Optional(Budget),
    countries: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Z]{2}$' }), Budget)),
  },
  CLOSED,
);

/** A query that costs more than this waits until so many stewards of every holder approved it. */
const Approval = Type.Object(
  { above: Amount, stewards: Type.Integer({ minimum: 1, maximum: 16 }) },
  CLOSED,
);

const Holder = Type.Object(
  {
    name: Name,
    country: Type.String({ pattern: '^[A-Z]{2}$' }),
    legalBasis: Text,
    identity: Key,
    stewards: Type.Object(
      {
        need: Type.Integer({ minimum: 1, maximum: 16 }),
        keys: Type.Array(Key, { minItems: 1, maxItems: 16 }),
      },
      CLOSED,
    ),
  },
  CLOSED,
);

export const DraftShape = Type.Object(
  {
    format: Type.Enum([STUDY_FORMAT, AMENDED_FORMAT]),
    /** Of an amended study only. */
    amends: Type.Optional(Amends),
    title: Text,
    purpose: Text,
    expires: Type.String({ minLength: 10, maxLength: 10 }),
    holders: Type.Array(Holder, { minItems: 2, maxItems: MAX_HOLDERS }),
    analysts: Type.Array(Type.Object({ name: Name, key: Key }, CLOSED), {
      minItems: 1,
      maxItems: 64,
    }),
    cohort: Type.Unknown(),
    operations: Type.Array(Type.Enum(OPERATIONS), { minItems: 1, maxItems: OPERATIONS.length }),
    honestHolders: Type.Integer({ minimum: 1, maximum: MAX_HOLDERS }),
    /** Clauses of image-clause.ts. */
    images: Type.Array(Type.Unknown(), { maxItems: 16 }),
    /** null, or a clause of linkage-clause.ts. */
    linkage: Type.Unknown(),
    minimumCell: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    /** Counts are shown in multiples of it. */
    rounding: Type.Optional(Type.Integer({ minimum: 2, maximum: 1000 })),
    budget: Type.Record(Type.String({ pattern: '^[\\s\\S]*$' }), Budget),
    ceilings: Type.Optional(Ceilings),
    approval: Type.Optional(Approval),
  },
  CLOSED,
);

export type Draft = Static<typeof DraftShape>;
