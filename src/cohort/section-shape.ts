/** The shape of the `cohort` section of a study, as TypeBox schemas and types. @module */
import { type Static, Type } from 'typebox';
import { ANALYTES } from './units.ts';

const CLOSED = { additionalProperties: false } as const;
const LARGEST = Number.MAX_SAFE_INTEGER;
const Name = Type.String({ minLength: 1, maxLength: 64 });
const Unit = Type.Optional(Type.String({ minLength: 1, maxLength: 32 }));
/** Says which conversions there are where units alone do not (units.ts). */
const Measured = Type.Optional(Type.Enum([...ANALYTES]));
const Count = (maximum: number) => Type.Integer({ minimum: 1, maximum });
/** Any key, line breaks included; what a key may be is checked by meaning. */
const Key = Type.String({ pattern: '^[\\s\\S]*$' });

/** The shape of each type of column. Named apart so that an error points into the right one. */
export const COLUMN_SHAPES = {
  category: Type.Object(
    {
      type: Type.Literal('category'),
      domain: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
        minItems: 1,
        maxItems: 10_000,
      }),
    },
    CLOSED,
  ),
  integer: Type.Object(
    {
      type: Type.Literal('integer'),
      min: Type.Integer({ minimum: -LARGEST, maximum: LARGEST }),
      max: Type.Integer({ minimum: -LARGEST, maximum: LARGEST }),
      unit: Unit,
      analyte: Measured,
    },
    CLOSED,
  ),
  number: Type.Object(
    {
      type: Type.Literal('number'),
      min: Type.Number({ minimum: -LARGEST, maximum: LARGEST }),
      max: Type.Number({ minimum: -LARGEST, maximum: LARGEST }),
      step: Type.String({ minLength: 3, maxLength: 40 }),
      unit: Unit,
      analyte: Measured,
    },
    CLOSED,
  ),
  date: Type.Object(
    {
      type: Type.Literal('date'),
      min: Type.String({ minLength: 10, maxLength: 10 }),
      max: Type.String({ minLength: 10, maxLength: 10 }),
    },
    CLOSED,
  ),
} as const;

export type ColumnType = keyof typeof COLUMN_SHAPES;

/** All but what a column of each type holds. */
export const Outline = Type.Object(
  {
    person: Name,
    rowsPerPerson: Count(1_000_000),
    cellsPerPerson: Count(1_000_000),
    declaredSize: Type.Record(Key, Count(1_000_000_000)),
    nulls: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 100 }),
    columns: Type.Record(
      Key,
      Type.Object({ type: Type.Enum(['category', 'integer', 'number', 'date']) }),
      { minProperties: 1, maxProperties: 200 },
    ),
    maps: Type.Optional(
      Type.Record(
        Key,
        Type.Record(
          Key,
          Type.Object(
            { column: Type.String({ minLength: 1, maxLength: 256 }), unit: Unit },
            CLOSED,
          ),
        ),
      ),
    ),
  },
  CLOSED,
);

type Frozen<T> = { readonly [K in keyof T]: T[K] extends object ? Frozen<T[K]> : T[K] };

export type ColumnSpec = {
  [T in ColumnType]: Frozen<Static<(typeof COLUMN_SHAPES)[T]>>;
}[ColumnType];

/** A checked cohort section. Made by `parseCohortSection` (schema.ts) only. */
export type CohortSection = Frozen<Omit<Static<typeof Outline>, 'columns'>> & {
  readonly columns: Readonly<Record<string, ColumnSpec>>;
};
