/** The shape of the `cohort` section of a study, as TypeBox schemas and types. @module */
import { type Static, Type } from 'typebox';
import type { ColumnSpec, Frozen } from './column-shape.ts';
import type { SourceMap } from './source-map.ts';

const CLOSED = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 64 });
const Count = (maximum: number) => Type.Integer({ minimum: 1, maximum });
/** Any key, line breaks included; what a key may be is checked by meaning. */
const Key = Type.String({ pattern: '^[\\s\\S]*$' });

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
    /** Holder → column or person → one of source-map.ts. */
    maps: Type.Optional(Type.Record(Key, Type.Record(Key, Type.Object({})))),
    /** Holder → the columns that it has, where not all have all; all of a linked query's do not. */
    held: Type.Optional(Type.Record(Key, Type.Array(Name, { minItems: 1, maxItems: 200 }))),
    /** Whose concepts `hasConcept` of a query may name; nobody's where it is absent. */
    concepts: Type.Optional(Type.Enum(['omop'])),
  },
  CLOSED,
);

/** A checked cohort section. Made by `parseCohortSection` (schema.ts) only. */
export type CohortSection = Frozen<Omit<Static<typeof Outline>, 'columns' | 'maps'>> & {
  readonly columns: Readonly<Record<string, ColumnSpec>>;
  readonly maps?: Readonly<Record<string, Readonly<Record<string, SourceMap>>>>;
};
