/** The shape of a list of columns to upload (layout.ts). What is in it is read as a query is. @module */
import { type Static, Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;
const Anything = Type.Unknown();

export const ColumnListShape = Type.Object(
  {
    format: Type.Literal('kakehashi/columns/1'),
    indicators: Type.Optional(
      Type.Array(
        Type.Object(
          { where: Type.Optional(Anything), groupBy: Type.Optional(Type.Array(Anything)) },
          CLOSED,
        ),
        { maxItems: 256 },
      ),
    ),
    measures: Type.Optional(Type.Array(Anything, { maxItems: 64 })),
  },
  CLOSED,
);

export type ColumnList = Static<typeof ColumnListShape>;

/** What is uploaded without a list. */
export const NO_LIST = { format: 'kakehashi/columns/1' } as const;

/** Encrypted columns of one table; each is 24 bytes a person and more. */
export const MOST_PHYSICAL = 4096;
