/**
 * The shape of the query language, a schema for each kind of node, so that an error points
 * into the node that a person wrote. Values are checked against their column in where.ts.
 * @module
 */
import { type Static, Type } from 'typebox';
import { MAX_HOLDERS, MAX_MEASURES } from '../base/limits.ts';
import { CONCEPT } from './omop-map.ts';

const CLOSED = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 64 });

export const LIMITS = {
  /** Nodes on the way from `where` to a comparison. */
  depth: 8,
  /** Nodes of one `where`. */
  nodes: 256,
  /** Values of one `in`, and of all of them together. */
  values: 1000,
  allValues: 4000,
  axes: 8,
  edges: 1001,
  /** Times of a survival curve: eleven years of days. */
  grid: 4097,
  measures: MAX_MEASURES,
  /** Values of one encrypted vector. */
  slots: 2 ** 18,
} as const;

export const QUERY_FORMAT = 'kakehashi/query/1';

export const QueryShape = Type.Object(
  {
    format: Type.Literal(QUERY_FORMAT),
    where: Type.Optional(Type.Unknown()),
    per: Type.Optional(Type.Unknown()),
    holders: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: MAX_HOLDERS })),
    groupBy: Type.Optional(Type.Array(Type.Unknown(), { maxItems: LIMITS.axes })),
    measures: Type.Array(Type.Unknown(), { minItems: 1, maxItems: LIMITS.measures }),
    rho: Type.Optional(Type.String({ minLength: 3, maxLength: 40 })),
    halfWidth: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    ),
  },
  CLOSED,
);

export const AxisShape = Type.Object(
  {
    column: Name,
    bins: Type.Optional(Type.Array(Type.Unknown(), { minItems: 2, maxItems: LIMITS.edges })),
  },
  CLOSED,
);

/** Which row of a person counts (per.ts). */
export const PerShape = Type.Object(
  {
    pick: Type.Enum(['latest', 'first', 'min', 'max', 'mean', 'any']),
    by: Type.Optional(Name),
    window: Type.Optional(
      Type.Object(
        {
          date: Type.Optional(Name),
          index: Name,
          days: Type.Array(Type.Integer({ minimum: -100_000, maximum: 100_000 }), {
            minItems: 2,
            maxItems: 2,
          }),
        },
        CLOSED,
      ),
    ),
  },
  CLOSED,
);

const Children = Type.Array(Type.Unknown(), { maxItems: LIMITS.nodes });
export const AllShape = Type.Object({ all: Children }, CLOSED);
export const AnyShape = Type.Object({ any: Children }, CLOSED);
export const NotShape = Type.Object({ not: Type.Unknown() }, CLOSED);
export const ConceptShape = Type.Object(
  { hasConcept: Type.Integer(CONCEPT), descendants: Type.Optional(Type.Boolean()) },
  CLOSED,
);
export const IsNullShape = Type.Object({ column: Name, isNull: Type.Literal(true) }, CLOSED);
export const InShape = Type.Object(
  { column: Name, in: Type.Array(Type.Unknown(), { minItems: 1, maxItems: LIMITS.values }) },
  CLOSED,
);

export const COMPARATORS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;
export type Comparator = (typeof COMPARATORS)[number];

/** Several comparators of one object all hold. */
export const ComparisonShape = Type.Object(
  {
    column: Name,
    eq: Type.Optional(Type.Unknown()),
    ne: Type.Optional(Type.Unknown()),
    lt: Type.Optional(Type.Unknown()),
    le: Type.Optional(Type.Unknown()),
    gt: Type.Optional(Type.Unknown()),
    ge: Type.Optional(Type.Unknown()),
  },
  { ...CLOSED, minProperties: 2 },
);

export type QueryOutline = Static<typeof QueryShape>;
export type AxisOutline = Static<typeof AxisShape>;
