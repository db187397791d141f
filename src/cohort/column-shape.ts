/** The shape of the columns of a cohort section, as TypeBox schemas and types. @module */
import { type Static, Type } from 'typebox';
import { ANALYTES } from './units.ts';

const CLOSED = { additionalProperties: false } as const;
const LARGEST = Number.MAX_SAFE_INTEGER;
const Unit = Type.Optional(Type.String({ minLength: 1, maxLength: 32 }));
/** Says which conversions there are where units alone do not (units.ts). */
const Measured = Type.Optional(Type.Enum([...ANALYTES]));

/** The languages of the countries that take part, and English. */
export const LANGUAGES = ['en', 'fr', 'de', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

const Label = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }));
const Labels = Type.Object({ en: Label, fr: Label, de: Label, ja: Label }, CLOSED);
/** What people call the column. */
const Labelled = Type.Optional(Labels);

const Pair = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 2, maxItems: 2 }),
);
/** From the first date to the second, in one of these (derived-column.ts). */
const Derived = Type.Object({ years: Pair, months: Pair, days: Pair }, CLOSED);

/** The shape of each type of column. Named apart so that an error points into the right one. */
export const COLUMN_SHAPES = {
  category: Type.Object(
    {
      type: Type.Literal('category'),
      domain: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
        minItems: 1,
        maxItems: 10_000,
      }),
      labels: Labelled,
      /** What people call a value of the domain. */
      valueLabels: Type.Optional(Type.Record(Type.String({ pattern: '^[\\s\\S]*$' }), Labels)),
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
      labels: Labelled,
      derived: Type.Optional(Derived),
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
      labels: Labelled,
    },
    CLOSED,
  ),
  date: Type.Object(
    {
      type: Type.Literal('date'),
      min: Type.String({ minLength: 10, maxLength: 10 }),
      max: Type.String({ minLength: 10, maxLength: 10 }),
      labels: Labelled,
    },
    CLOSED,
  ),
} as const;

export type ColumnType = keyof typeof COLUMN_SHAPES;

export type Frozen<T> = { readonly [K in keyof T]: T[K] extends object ? Frozen<T[K]> : T[K] };

export type ColumnSpec = {
  [T in ColumnType]: Frozen<Static<(typeof COLUMN_SHAPES)[T]>>;
}[ColumnType];
